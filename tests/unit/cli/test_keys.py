def test_a_key_is_shown_once_and_never_listed(run, own_home):
    made = run("--home", own_home, "keys", "create", "publishable", "--label", "shop window", "--json").json
    assert made["key"].startswith("pk_")
    (row,) = run("--home", own_home, "keys", "list", "--json").json
    assert (row["kind"], row["label"], row["revoked_at"]) == ("publishable", "shop window", None)
    assert "key_hash" not in row
    assert made["key"] not in run("--home", own_home, "keys", "list").out


def test_without_json_the_key_is_all_there_is_on_stdout(run, own_home):
    assert run("--home", own_home, "keys", "create").out.strip().startswith("sk_")


def test_a_revoked_key_is_listed_as_revoked(run, own_home):
    run("--home", own_home, "keys", "create")
    (row,) = run("--home", own_home, "keys", "list", "--json").json
    assert run("--home", own_home, "keys", "revoke", row["key_id"]).out == f"{row['key_id']} revoked\n"
    assert "revoked" in run("--home", own_home, "keys", "list").out


def test_a_kind_that_does_not_exist_is_usage(run, own_home):
    assert run("--home", own_home, "keys", "create", "master").code == 2
