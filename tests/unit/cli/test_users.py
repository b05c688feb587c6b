"""`crosslift users` on the command line."""


def test_somebody_is_invited_listed_changed_and_shut_out(run, own_home):
    made = run("--home", own_home, "users", "invite", "mina", "--role", "marketer", "--role", "analyst", "--json").json
    assert (made["login"], made["roles"]) == ("mina", ["marketer", "analyst"])
    assert made["token"] not in run("--home", own_home, "users", "list").out
    assert "invited" in run("--home", own_home, "users", "list").out
    assert run("--home", own_home, "users", "roles", "mina", "--role", "viewer").out == "mina: viewer\n"
    assert run("--home", own_home, "users", "shut-out", "mina").out == "mina is shut out\n"
    assert run("--home", own_home, "users", "link", "mina").code == 2
    assert run("--home", own_home, "users", "let-in", "mina").out == "mina may come in\n"
    assert len(run("--home", own_home, "users", "link", "mina", "--json").json["token"]) > 30
    [row] = run("--home", own_home, "users", "list", "--json").json
    assert (row["roles"], row["is_active"], row["has_password"]) == (["viewer"], True, False)


def test_what_nobody_can_be_is_usage(run, own_home):
    assert run("--home", own_home, "users", "invite", "mina", "--role", "boss").code == 2
    assert run("--home", own_home, "users", "link", "nobody").code == 1
