"""One person under many names: joined by rules that can be read, never melted with strangers, parted without a trace."""

import json

from crosslift.collect.sources.segment import Message

AT = "2026-10-20T12:00:00Z"


def said(number, event="Product Viewed", **given):
    return Message(message_id=f"m{number}", event=event, timestamp=AT, **given)


def viewed(number, product, **who):
    return said(number, properties={"product_id": product}, **who)


def history(shop, customer):
    rows = shop.customers.show(customer, 1000)["rows"]
    return sorted((row["name"], row.get("product_id")) for row in rows.get("events", ()))


def events_file(path, messages):
    lines = [
        json.dumps({"type": "track", "event": "Product Viewed", "timestamp": AT, **message}) for message in messages
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_c05_a_login_joins_the_session_before_it(fresh):
    fresh.collect_events([viewed(1, "tea", anonymous_id="a-1"), viewed(2, "cup", anonymous_id="a-1")])
    assert history(fresh, "anonymous:a-1") == [("Product Viewed", "cup"), ("Product Viewed", "tea")]
    fresh.collect_events([said(3, "Signed In", anonymous_id="a-1", user_id="jane")])
    assert history(fresh, "jane") == [("Product Viewed", "cup"), ("Product Viewed", "tea"), ("Signed In", None)]
    [change] = fresh.customers.log("jane")
    assert (change.identity, change.to_person, change.because) == (
        "anonymous:a-1",
        "customer:jane",
        "login customer:jane",
    )


def test_c05_over_devices_and_channels(fresh, tmp_path):
    """Web, app, till card, phone number and newsletter address are one person; what is owned counts under each name."""
    (tmp_path / "customers.csv").write_text(
        "customer_id,email,phone,market,loyalty_id\nweb-1,jane@mail.example,,KR,\ntill-9,,010-2345-6789,KR,L-77\n",
        encoding="utf-8",
    )
    (tmp_path / "orders.csv").write_text(
        "order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency,channel\n"
        f"1,{AT},web-1,tea,1,5.00,USD,web\n2,{AT},till-9,cup,1,5.00,USD,till\n", encoding="utf-8",
    )  # fmt: skip
    fresh.collect(tmp_path / "customers.csv", tmp_path / "orders.csv")
    assert fresh.customers.show("web-1")["owned"] == ["tea"]
    fresh.customers.identify("web-1", {"phone": "+82 10 2345 6789"})
    fresh.collect_events([said(1, "App Opened", user_id="till-9", context={"device": {"id": "phone-of-jane"}})])
    for name in (
        "web-1",
        "till-9",
        "email:JANE@mail.example".lower(),
        "phone:+821023456789",
        "loyalty:L-77",
        "device:phone-of-jane",
    ):
        shown = fresh.customers.show(name)
        assert (shown["person_id"], shown["owned"]) == ("customer:till-9", ["cup", "tea"])
        assert {row["channel"] for row in shown["rows"]["order_lines"]} == {"web", "till"}


def test_c05_a_wrong_merge_is_reversible_and_leaves_nothing_behind(shop):
    shop.put_facts("customers", [
        {"customer_id": name, "email": f"{name}@mail.example"} for name in ("jane", "june")
    ])  # fmt: skip
    shop.collect_events([viewed(1, "tea", user_id="jane"), viewed(2, "cup", user_id="june", anonymous_id="a-1")])
    shop.consents.record([{
        "customer_id": "june", "purpose": "personalization", "channel": "*", "status": "granted", "source": "form", "at": AT,
    }])  # fmt: skip

    def derived():
        """Everything about a person that follows from facts; the log and the statements themselves go on."""
        pages = [shop.customers.show(name) for name in ("jane", "june", "anonymous:a-1")]
        figures = ("person_id", "accounts", "owned", "holdings", "dues", "consents", "profile")
        return [
            ({name: page[name] for name in figures}, [one["identity"] for one in page["identities"]], page["rows"]["events"])
            for page in pages if "events" in page["rows"]
        ]  # fmt: skip

    shop.learn(force=True)
    before = derived()
    decided = shop.decide("home", customer="jane").purpose
    shop.customers.merge("jane", "june", "anna")
    assert shop.customers.show("jane")["person_id"] == shop.customers.show("june")["person_id"]
    assert shop.decide("home", customer="jane").purpose != decided
    shop.customers.split("jane", "june", "anna", "sisters")
    assert derived() == before
    assert len(before) == 3
    assert shop.decide("home", customer="jane").purpose == decided
    assert [change.author for change in shop.customers.log("june")][-2:] == ["anna", "anna"]


def test_c05_poisoned_identities_melt_nobody(fresh, tmp_path):
    """A team mailbox, null ids, a phone number of zeros and ten thousand devices of one log-in."""
    rows = "".join(f"c{n},info@firm.example,00000000\n" for n in range(50)) + "".join(
        f"d{n},null,undefined\n" for n in range(50)
    )
    (tmp_path / "customers.csv").write_text(f"customer_id,email,phone\n{rows}", encoding="utf-8")
    shared = "".join(f"f{n},family@mail.example,\n" for n in range(40))
    (tmp_path / "more.csv").write_text(f"customer_id,email,phone\n{shared}", encoding="utf-8")
    messages = [
        {"messageId": f"x{n}", "userId": "till", "anonymousId": f"browser-{n}"} for n in range(10_000)
    ] + [{"messageId": f"y{n}", "userId": f"k{n}", "anonymousId": "kiosk"} for n in range(30)]  # fmt: skip
    messages += [{"messageId": f"z{n}", "userId": f"n{n}", "anonymousId": "undefined"} for n in range(30)]
    fresh.collect(tmp_path / "customers.csv", tmp_path / "more.csv", events_file(tmp_path / "events.jsonl", messages))
    assert fresh.records.people().num_rows == 0
    assert fresh.customers.show("till")["identities"] == [{"identity": "customer:till", "because": None}]


def test_c05_files_and_calls_in_any_order_give_the_same_people(fresh, little, tmp_path, clock):
    messages = [
        {"messageId": "1", "userId": "a", "anonymousId": "x"}, {"messageId": "2", "userId": "b", "anonymousId": "x"},
        {"messageId": "3", "userId": "b", "anonymousId": "y"}, {"messageId": "4", "anonymousId": "y"},
    ]  # fmt: skip
    (tmp_path / "c.csv").write_text("customer_id,email\na,q@mail.example\nc,q@mail.example\n", encoding="utf-8")
    fresh.collect(events_file(tmp_path / "e.jsonl", messages), tmp_path / "c.csv")
    with little.open_shop(tmp_path / "other", clock) as other:
        for message in reversed(messages):
            named = {"user_id": message.get("userId"), "anonymous_id": message["anonymousId"]}
            other.collect_events(
                [Message(message_id=message["messageId"], event="Product Viewed", timestamp=AT, **named)]
            )
        other.put_facts("customers", [{"customer_id": "c", "email": "Q@mail.example"}])
        other.put_facts("customers", [{"customer_id": "a", "email": "q@mail.example"}])
        assert other.records.people().equals(fresh.records.people())
        assert other.records.people().num_rows == 4


def test_u10_account_profile_members_and_roles(fresh):
    """A company of three; what it holds counts for its members, who are listed with their roles."""
    fresh.put_facts("accounts", [{"account_id": "acme", "name": "Acme Ltd", "kind": "company", "market": "US"}])
    fresh.put_facts("account_members", [
        {"account_id": "acme", "customer_id": name, "role": role}
        for name, role in (("ann", "buyer"), ("bob", "approver"), ("cy", "user"))
    ])  # fmt: skip
    fresh.put_facts("subscriptions", [
        {"subscription_id": "s1", "account_id": "acme", "product_id": "plan-team", "status": "active", "started_at": AT}
    ])  # fmt: skip
    fresh.put_facts("activities", [
        {"activity_id": "q1", "at": AT, "kind": "quote", "account_id": "acme", "customer_id": "ann", "subject": "20 seats"},
        {"activity_id": "p1", "at": AT, "kind": "call", "account_id": "acme", "customer_id": "bob"},
    ])  # fmt: skip
    shown = fresh.customers.show("ann")
    assert (shown["accounts"], shown["holdings"]) == (["acme"], ["plan-team"])
    assert [row["subject"] for row in shown["rows"]["activities"]] == ["20 seats"]
    account = fresh.customers.account("acme")
    assert account["name"] == "Acme Ltd"
    assert [(one["customer_id"], one["role"]) for one in account["members"]] == [
        ("ann", "buyer"),
        ("bob", "approver"),
        ("cy", "user"),
    ]
    assert [row["product_id"] for row in account["subscriptions"]] == ["plan-team"]
    assert {row["kind"] for row in account["activities"]} == {"quote", "call"}
