"""Facts from every channel: accounts, activities, cases, feedback, failed payments, costs, rates, trials."""

import json

import pytest

from crosslift.domain.voice import Judged
from crosslift.errors import BadInput

FULL = {
    "accounts": (
        ("account_id,name,kind,parent_id,market,created_at,industry,updated_at\n"
        "acme,Acme Ltd,Company,group,GB,2024-01-01,tools,2024-01-02\nhome-7,The Kims,household,,KR,,,\n"),
        [
            ("acme", "Acme Ltd", "company", "group", "GB", 1_704_067_200_000_000, '{"industry":"tools"}'),
            ("home-7", "The Kims", "household", None, "KR", None, None),
        ],
        ("account_id", "name", "kind", "parent_id", "market", "created_at", "attributes"),
    ),
    "account_members": (
        ("account_id,customer_id,role,since,until\nacme,c1,Decision Maker,2024-01-01,\nacme,c1,buyer,,\n"
         "acme,c2,대표,,2024-02-01\n"),
        [
            ("acme", "c1", "decision_maker", 1_704_067_200_000_000, None),
            ("acme", "c1", "buyer", None, None),
            ("acme", "c2", "대표", None, 1_706_745_600_000_000),
        ],
        ("account_id", "customer_id", "role", "since", "until"),
    ),
    "activities": (
        ("activity_id,at,kind,customer_id,account_id,channel,subject,text,direction,outcome,product_id,staff,duration_minutes,deal\n"
        "a1,2024-01-01T09:00:00Z,Visit,,acme,sales,Spring range,They want a demo,out,demo agreed,P1,Mina,45,D-7\n"),
        [("a1", "visit", None, "acme", "sales", "Spring range", "out", "demo agreed", "P1", "Mina", 45.0, '{"deal":"D-7"}')],
        ("activity_id", "kind", "customer_id", "account_id", "channel", "subject", "direction", "outcome", "product_id",
         "staff", "duration_minutes", "attributes"),
    ),
    "cases": (
        ("case_id,customer_id,opened_at,closed_at,status,topic,severity,product_id,cost,currency,channel,satisfaction,text\n"
        "k1,c1,2024-01-01,2024-01-03,solved,late parcel,high,P1,12.50,eur,phone,2,Where is it?\n"),
        [("k1", "c1", "solved", "late parcel", "high", "P1", 12_500_000, "EUR", "phone", 2.0, "Where is it?")],
        ("case_id", "customer_id", "status", "topic", "severity", "product_id", "cost_micros", "currency", "channel",
         "satisfaction", "text"),
    ),
    "payments_failed": (
        "payment_id,at,customer_id,order_id,amount,currency,reason,status\np1,2024-01-01,c1,o1,30,USD,card expired,Failed\n",
        [("p1", "c1", "o1", None, 30_000_000, "USD", "card expired", "failed")],
        ("payment_id", "customer_id", "order_id", "subscription_id", "amount_micros", "currency", "reason", "status"),
    ),
    "campaign_costs": (
        ("campaign_id,name,channel,from,until,cost,currency,reach,market\n"
        "spring,Spring mail,email,2024-03-01,2024-04-01,1200,KRW,5000,KR\nspring,,,2024-03-01,,90,KRW,,\n"),
        [
            ("spring", "Spring mail", "email", "KR", 1_709_251_200_000_000, 1_711_929_600_000_000, 1_200_000_000, 5000),
            ("spring", None, "", "", 1_709_251_200_000_000, None, 90_000_000, None),
        ],
        ("campaign_id", "name", "channel", "market", "from_at", "until_at", "cost_micros", "reach"),
    ),
    "exchange_rates": (
        "on,currency,rate,source\n2024-01-01,jpy,0.0071,ECB\n",
        [(19_723, "JPY", 0.0071, "ECB")],
        ("rated_on", "currency", "rate", "source"),
    ),
    "assignments": (
        "experiment_id,unit_id,unit_kind,arm,at\ne1,c1,,treated,2024-01-01\ne1,x9,Anonymous,control,2024-01-01\n",
        [("e1", "c1", "customer", "treated"), ("e1", "x9", "anonymous", "control")],
        ("experiment_id", "unit_id", "unit_kind", "arm"),
    ),
    "logged_choices": (
        ('choice_id,at,unit_id,action,probability,outcome,outcome_at,context,source\n'
        '1,2024-01-01,c1,mail A,0.5,1,2024-01-05,"{""recency"":3}",mailer\n2,2024-01-01,c2,none,1,,,,\n'),
        [
            ("1", "c1", "mail A", 0.5, 1.0, 1_704_412_800_000_000, '{"recency":3}', "mailer"),
            ("2", "c2", "none", 1.0, None, None, None, None),
        ],
        ("choice_id", "unit_id", "action", "probability", "outcome", "outcome_at", "context", "source"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("dataset", list(FULL))
def test_a_file_is_kept_with_every_value(collect, read, dataset):
    content, rows, columns = FULL[dataset]
    report = collect(content, "facts.csv")
    assert (report.format, report.n_new, report.n_refused) == (f"canonical {dataset}", len(rows), 0)
    assert read(dataset, *columns) == rows


@pytest.mark.parametrize("dataset", list(FULL))
def test_a_file_sent_again_changes_nothing(collect, read, dataset):
    content, rows, columns = FULL[dataset]
    collect(content, "facts.csv")
    header, *lines = content.splitlines()
    report = collect("\n".join([header, *reversed(lines)]), "again.csv")
    assert (report.n_new, report.n_same, report.n_replaced, report.conflicts) == (0, len(rows), 0, 0)
    assert read(dataset, *columns) == rows


def test_feedback_is_judged_by_its_words(collect, read):
    report = collect(
        "feedback_id,at,customer_id,kind,question,answer,rating,scale,text,language,product_id,channel,url\n"
        "f1,2024-01-01,c1,review,,,5,5,\"Lovely mug, arrived quickly\",en,P1,web,https://shop.example/r/1\n"
        "f2,2024-01-02,c1,nps,Would you recommend us?,9,9,10,,,,email,\n"
        "f3,2024-01-03,,mention,,,,,배송이 너무 늦어요,ko,,social,\n",
        "feedback.csv",
    )  # fmt: skip
    assert (report.format, report.n_new) == ("canonical feedback", 3)
    rows = read("feedback", "feedback_id", "rating", "scale", "sentiment", "sentiment_confidence", "topics")
    assert [row[:3] for row in rows] == [("f1", 5.0, 5.0), ("f2", 9.0, 10.0), ("f3", None, None)]
    (praise, sure), (nothing, unsure), (blame, _) = (row[3:5] for row in rows)
    assert praise > 0 > blame
    assert 0 < sure <= 1
    assert (nothing, unsure) == (None, 0.0)
    assert ["delivery" in json.loads(row[5]) for row in rows] == [True, False, True]
    assert read("feedback", "customer_id")[2] == (None,)


def test_a_bad_answer_opens_a_case_once(collect, read):
    content = (
        "feedback_id,at,customer_id,kind,rating,scale,text\n"
        "f1,2024-05-30,c1,nps,2,10,Broken on arrival\nf2,2024-05-30,c1,nps,10,10,\nf3,2020-01-01,c1,nps,0,10,\n"
    )
    collect(content, "a.csv")
    assert read("cases", "case_id", "customer_id", "status", "opened_at") == [
        ("voice:f1", "c1", "open", 1_717_027_200_000_000),
    ]  # fmt: skip
    closed = "case_id,customer_id,opened_at,status,updated_at\nvoice:f1,c1,2024-05-30,solved,2024-05-31\n"
    collect(closed, "cases.csv")
    collect(content + "f4,2024-05-30,c1,nps,9,10,\n", "b.csv")
    assert read("cases", "case_id", "status") == [("voice:f1", "solved")]


def test_a_better_word_list_makes_no_other_feedback(collect, read, monkeypatch):
    content = "feedback_id,at,kind,text\nf1,2024-01-01,review,Lovely mug\n"
    collect(content, "a.csv")
    monkeypatch.setattr("crosslift.collect.facts.judge", lambda *_: Judged(None, 0.0, (), (), "und"))
    report = collect(content + "f2,2024-01-01,review,Lovely jug\n", "b.csv")
    assert (report.n_same, report.n_new, report.conflicts) == (1, 1, 0)
    (known,), (fresh,) = read("feedback", "sentiment")
    assert known > 0
    assert fresh is None


HEADS = {
    "members": "account_id,customer_id,role,since,until\n",
    "activities": "activity_id,at,kind,customer_id,account_id,direction,duration_minutes\n",
    "cases": "case_id,customer_id,account_id,opened_at,closed_at,status,severity,cost,currency\n",
    "feedback": "feedback_id,at,customer_id,kind,rating,scale,answer,text\n",
    "payments": "payment_id,at,customer_id,amount,currency,status\n",
    "campaigns": "campaign_id,from,until,cost,currency,reach\n",
    "rates": "on,currency,rate\n",
    "assignments": "experiment_id,unit_id,unit_kind,arm,at\n",
    "choices": "choice_id,at,unit_id,action,probability,outcome,outcome_at,context\n",
}


@pytest.mark.parametrize(
    ("head", "row", "message"),
    [
        ("members", "acme,c1,,,", "row 2, role: is empty"),
        ("members", "acme,c1,buyer,2024-02-01,2024-01-01", "row 2, until: lies before since"),
        ("activities", "a,2024-01-01,dance,c1,,,", "kind: 'dance' is no one of call, visit, mail"),
        ("activities", "a,2024-01-01,call,,,,", "row 2, customer_id: is empty, and account_id too; name whom it was with"),
        ("activities", "a,2024-01-01,call,c1,,both,", "direction: 'both' is no one of in, out"),
        ("activities", "a,2024-01-01,call,c1,,,-5", "duration_minutes: '-5' is no number of at least 0"),
        ("activities", "a,,call,c1,,,", "row 2, at: is empty"),
        ("cases", "k,,,2024-01-01,,open,,,", "row 2, customer_id: is empty, and account_id too; name whose case it is"),
        ("cases", "k,c1,,2024-01-02,2024-01-01,closed,,,", "row 2, closed_at: lies before opened_at"),
        ("cases", "k,c1,,2024-01-01,,open,,5,", "row 2, currency: is empty beside a cost"),
        ("cases", "k,c1,,2024-01-01,,gone,,,", "status: 'gone' is no one of open, waiting, solved, closed"),
        ("cases", "k,c1,,2024-01-01,,open,dire,,", "severity: 'dire' is no one of low, normal, high"),
        ("feedback", "f,2024-01-01,c1,nps,11,10,,", "row 2, rating: is 11 on a scale up to 10"),
        ("feedback", "f,2024-01-01,c1,nps,,10,,", "row 2, text: is empty, as are rating and answer; give at least one"),
        ("feedback", "f,2024-01-01,c1,rant,1,,,", "kind: 'rant' is no one of review, nps, csat, survey, mention"),
        ("feedback", "f,2024-01-01,c1,nps,-1,10,,", "rating: '-1' is no number of at least 0"),
        ("payments", "p,2024-01-01,,5,EUR,failed", "row 2, customer_id: is empty"),
        ("payments", "p,2024-01-01,c1,5,,failed", "row 2, currency: is empty"),
        ("payments", "p,2024-01-01,c1,,EUR,failed", "row 2, amount: is empty"),
        ("payments", "p,2024-01-01,c1,5,EUR,lost", "status: 'lost' is no one of failed, recovered, defaulted"),
        ("campaigns", "s,2024-02-01,2024-01-01,5,EUR,", "row 2, until: lies before from"),
        ("campaigns", "s,,2024-01-01,5,EUR,", "row 2, from: is empty"),
        ("campaigns", "s,2024-01-01,,5,EUR,-1", "reach: '-1' is no whole number of at least 0"),
        ("rates", "2024-01-01,EUR,0", "row 2, rate: is 0; it has to be above 0"),
        ("rates", "2024-13-01,EUR,1.1", "on: '2024-13-01' is no date"),
        ("rates", "2024-01-01T09:00,EUR,1.1", "on: '2024-01-01T09:00' is no date"),
        ("rates", "2024-01-01,euros,1.1", "currency: 'euros' is no ISO 4217 currency"),
        ("assignments", "e,c1,robot,a,2024-01-01", "unit_kind: 'robot' is no one of customer, anonymous, session"),
        ("assignments", "e,c1,,,2024-01-01", "row 2, arm: is empty"),
        ("choices", "1,2024-01-01,c1,a,0,,,", "row 2, probability: is 0; it has to be above 0"),
        ("choices", "1,2024-01-01,c1,a,1.01,,,", "probability: '1.01' is no number from 0 to 1"),
        ("choices", "1,2024-01-02,c1,a,0.5,1,2024-01-01,", "row 2, outcome_at: lies before at"),
        ("choices", "1,2024-01-02,c1,a,0.5,,2024-01-03,", "row 2, outcome_at: says nothing without outcome"),
        ("choices", "1,2024-01-02,c1,a,0.5,,,[3]", "row 2, context: '[3]' is no JSON object"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named_and_nothing_of_its_file_is_kept(collect, nothing_is_left, head, row, message):
    with pytest.raises(BadInput) as caught:
        collect(HEADS[head] + row + "\n", "facts.csv")
    assert message in str(caught.value)
    nothing_is_left()


def test_a_price_without_a_currency_column_is_named(collect):
    with pytest.raises(BadInput, match="row 2, cost: has no currency; add the column, or --map currency=:EUR"):
        collect("case_id,customer_id,opened_at,status,cost\nk,c1,2024-01-01,open,5\n", "cases.csv")


def test_an_account_is_not_its_own_parent(collect):
    with pytest.raises(BadInput, match="row 2, parent_id: 'acme' is the row's own account_id"):
        collect("account_id,name,parent_id\nacme,Acme,acme\n", "accounts.csv")


def test_wrong_rows_can_be_left_out(collect, read):
    report = collect(
        HEADS["cases"] + "k1,,,2024-01-01,,open,,,\nk2,c1,,2024-01-01,,open,,,\n", "c.csv", skip_bad_rows=True
    )
    assert (report.n_new, report.n_refused) == (1, 1)
    assert read("cases", "case_id") == [("k2",)]


def test_a_newer_version_replaces_and_an_older_one_does_not(collect, read):
    head = "case_id,customer_id,opened_at,status,updated_at\n"
    collect(head + "k,c1,2024-01-01,waiting,2024-01-03\n", "a.csv")
    late = collect(head + "k,c1,2024-01-01,open,2024-01-01\n", "b.csv")
    newer = collect(head + "k,c1,2024-01-01,solved,2024-01-04\n", "c.csv")
    assert (late.n_replaced, late.conflicts, newer.n_replaced) == (0, 1, 1)
    assert read("cases", "status") == [("solved",)]


def test_the_same_said_again_later_counts_as_newer(collect, read):
    head = "case_id,customer_id,opened_at,status,updated_at\n"
    collect(head + "k,c1,2024-01-01,open,2024-01-01\n", "a.csv")
    collect(head + "k,c1,2024-01-01,open,2024-01-03\n", "b.csv")
    collect(head + "k,c1,2024-01-01,solved,2024-01-02\n", "c.csv")
    assert read("cases", "status") == [("open",)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_earliest_assignment_stays_in_whatever_order_they_come(collect, read, order):
    rows = ["e,c1,b,2024-01-02", "e,c1,a,2024-01-01", "e,c1,a,2024-01-03"]
    for place in order:
        collect(f"experiment_id,unit_id,arm,at\n{rows[place]}\n", f"{place}.csv")
    assert read("assignments", "arm", "at") == [("a", 1_704_067_200_000_000)]


@pytest.mark.parametrize("bare_first", [True, False])
def test_the_outcome_of_a_choice_may_come_later_or_first(collect, read, bare_first):
    head = "choice_id,at,unit_id,action,probability,outcome,outcome_at\n"
    files = [head + "1,2024-01-01,c1,a,0.5,,\n", head + "1,2024-01-01,c1,a,0.5,20.5,2024-01-09\n"]
    reports = [collect(text, f"{n}.csv") for n, text in enumerate(files if bare_first else reversed(files))]
    assert [report.conflicts for report in reports] == [0, 0]
    assert read("logged_choices", "outcome", "outcome_at") == [(20.5, 1_704_758_400_000_000)]
    other = collect(head + "1,2024-01-01,c1,b,0.5,,\n", "other.csv")
    assert other.conflicts == 1


def test_products_that_nobody_knows_are_named(collect):
    content = "activity_id,at,kind,customer_id,product_id\n1,2024-01-01,quote,c1,GHOST\n2,2024-01-01,note,c1,\n"
    [finding] = collect(content, "a.csv").findings
    assert (finding.code, finding.samples) == ("unknown_product", ("GHOST",))


def test_whoever_is_spoken_of_is_known(collect, records):
    for name, content in (
        ("m", "account_id,customer_id,role\nacme,m,buyer\n"),
        ("a", "activity_id,at,kind,customer_id\n1,2024-01-01,note,a\n"),
        ("p", "payment_id,at,customer_id,amount,currency,status\n1,2024-01-01,p,1,EUR,failed\n"),
    ):
        collect(content, f"{name}.csv")
    assert records.known_customers(["m", "a", "p", "x"]) == {"m", "a", "p"}
