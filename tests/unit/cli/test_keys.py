import pytest


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


def test_a_webhook_has_an_address_and_a_secret_shown_once(run, own_home):
    made = run(
        "--home", own_home, "keys", "webhook", "spring", "--from", "typeform", "--scale", "rating=5", "--json"
    ).json
    assert (made["address"], made["sender"], len(made["secret"])) == ("/v1/voice/spring", "typeform", 64)
    (row,) = run("--home", own_home, "keys", "list", "--json").json
    assert (row["kind"], row["label"], row["scales"]) == ("webhook of typeform", "spring", {"rating": "5"})
    shown = run("--home", own_home, "keys", "list").out
    assert made["id"] in shown
    assert made["secret"] not in shown + str(row)
    assert run("--home", own_home, "keys", "revoke", made["id"]).out == f"{made['id']} revoked\n"
    assert "revoked" in run("--home", own_home, "keys", "list").out


def test_a_given_secret_is_read_from_a_file_and_not_shown_again(run, own_home, tmp_path):
    (tmp_path / "token").write_text("token-of-the-app-0123\n")
    ran = run(
        "--home", own_home, "keys", "webhook", "reviews", "--from", "judgeme", "--secret-file", tmp_path / "token"
    )
    assert ran.code == 0
    assert "/v1/voice/reviews" in ran.out
    assert "token-of" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("Spring!",), 2, "cannot stand in an address"), (("s", "--from", "paper"), 2, "no sender we know"),
        (("s", "--scale", "rating"), 2, "write QUESTION=5 or QUESTION=nps"), (("s", "--scale", "=5"), 2, "is no scale"),
        (("s", "--secret-file", "none.txt"), 1, "none.txt: no secret can be read from it"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_webhook_says_why(run, own_home, arguments, code, said):
    ran = run("--home", own_home, "keys", "webhook", *arguments)
    assert ran.code == code
    assert said in ran.err


def test_a_key_has_roles_and_an_end_and_is_rotated(run, own_home):
    run("--home", own_home, "keys", "create", "--role", "agent", "--role", "viewer", "--days", "30")
    [row] = run("--home", own_home, "keys", "list", "--json").json
    assert row["roles"] == ["viewer", "agent"]
    assert "viewer, agent" in run("--home", own_home, "keys", "list").out
    new = run("--home", own_home, "keys", "rotate", row["key_id"], "--hours", "1", "--json").json["key"]
    assert new.startswith("sk_")
    _, made = run("--home", own_home, "keys", "list", "--json").json
    assert (made["replaces"], made["roles"]) == (row["key_id"], row["roles"])
    assert run("--home", own_home, "keys", "create", "--role", "boss").code == 2


def test_a_token_names_a_customer(run, own_home):
    assert run("--home", own_home, "keys", "token", "17850").out.startswith("ct_")
    assert run("--home", own_home, "keys", "token", "17850", "--minutes", "5", "--json").json["token"].startswith("ct_")
    assert run("--home", own_home, "keys", "token", "17850", "--minutes", "31").code == 2


def test_a_platform_has_an_address_of_its_own(run, own_home):
    made = run("--home", own_home, "keys", "webhook", "shop-jp", "--from", "woocommerce", "--json").json
    assert (made["address"], made["sender"]) == ("/v1/webhooks/shop-jp", "woocommerce")


def test_the_line_for_a_shops_pages_names_version_hash_and_key(run, own_home):
    key = run("--home", own_home, "keys", "create", "publishable", "--origin", "https://shop.example").out.strip()
    line = run(
        "--home", own_home, "keys", "snippet", "--key", key, "--server", "https://crosslift.example/"
    ).out.strip()
    version = run(
        "--home", own_home, "keys", "snippet", "--key", key, "--server", "https://crosslift.example", "--json"
    ).json["version"]
    assert line.startswith(f'<script async src="https://crosslift.example/widget/{version}/track.js" data-key="{key}"')
    assert 'integrity="sha384-' in line
    assert "https://shop.example" in run("--home", own_home, "keys", "list").out


@pytest.mark.parametrize(
    ("server", "kind"), [("crosslift.example", "publishable"), ("https://crosslift.example", "secret")]
)
def test_a_line_that_would_not_work_is_not_given(run, own_home, server, kind):
    key = run("--home", own_home, "keys", "create", kind).out.strip()
    done = run("--home", own_home, "keys", "snippet", "--key", key, "--server", server)
    assert (done.code, "<script" in done.out) == (2, False)
