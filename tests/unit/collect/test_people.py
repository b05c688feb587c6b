"""Customers' records by file: when they changed, and which of two stands."""

HEADER = "customer_id,email,created_at,updated_at,city\n"
SPRING, SUMMER = 1_714_521_600_000_000, 1_717_200_000_000_000


def test_a_record_says_when_it_changed_and_that_is_no_trait(collect, read):
    collect(HEADER + "c1,new@x.org,2024-01-01,2024-05-01,Seoul\n", "customers.csv")
    assert read("customers", "email", "updated_at", "traits") == [("new@x.org", SPRING, '{"city":"Seoul"}')]


def test_an_older_export_collected_later_changes_nothing_and_is_told(collect, read):
    collect(HEADER + "c1,new@x.org,2024-01-01,2024-05-01,Seoul\nc2,b@x.org,,2024-05-01,\n", "new.csv")
    report = collect(HEADER + "c1,old@x.org,2024-01-01,2024-02-01,Busan\nc2,b@x.org,,2024-02-01,\n", "old.csv")
    assert (report.n_new, report.n_replaced, report.n_same) == (0, 0, 1)
    [conflict] = [finding for finding in report.findings if finding.code == "conflict"]
    assert (conflict.count, conflict.samples) == (1, ("c1",))
    assert [row[0] for row in read("customers", "email")] == ["new@x.org", "b@x.org"]
    assert sorted(read("identity_evidence", "second")) == [("email:b@x.org",), ("email:new@x.org",)]


def test_the_same_record_of_a_later_time_is_of_that_time(collect, read):
    for number, day in enumerate(("2024-05-01", "2024-06-01", "2024-05-15")):
        collect(HEADER + f"c1,new@x.org,2024-01-01,{day},Seoul\n", f"{number}.csv")
    assert read("customers", "email", "updated_at") == [("new@x.org", SUMMER)]


def test_records_that_do_not_say_it_are_as_collected_last(collect, read):
    for number, mail in enumerate(("a@x.org", "b@x.org", "a@x.org")):
        collect(f"customer_id,email\nc1,{mail}\n", f"{number}.csv")
    assert read("customers", "email", "updated_at") == [("a@x.org", None)]
    assert read("identity_evidence", "second") == [("email:a@x.org",)]
