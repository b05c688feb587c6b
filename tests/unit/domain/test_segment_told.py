from datetime import date

from crosslift.domain.segment_grammar import parse
from crosslift.domain.segment_told import told


def test_every_kind_of_condition_is_told_with_its_evidence():
    line = (
        'not (stage in ("buy", "use") or clv is unknown) and last_order_at > 2 days ago and last_order_at > "2026-01-31" '
        'and consent("marketing") and goals has "traffic" and lacks("bag") and revisits("Tea") > 1 '
        'and usage_share("seats") > 0.5 and trait("age") > 18 and share(brand = "x") < 0.1'
    )
    denied, *others = told(parse(line)).parts
    assert denied.code == "not"
    assert [part.code for part in denied.parts[0].parts] == ["is", "known"]
    assert denied.parts[0].parts[0].evidence["texts"] == ("buy", "use")
    assert [part.code for part in others] == ["since", "since", "consent", "has", "lacks", *["number"] * 4]
    assert [part.evidence.get("value") for part in others[5:]] == ["revisits", "usage_share", "trait", "share"]
    assert others[0].evidence["seconds"] == 172_800
    assert others[1].evidence["day"] == date(2026, 1, 31)


def test_counts_tell_their_filters():
    one = told(parse('count("Product Viewed", size = "L", category = "Grinders", last = 1 hour) >= 3'))
    assert one.evidence == {
        "sign": ">=", "limit": 3.0, "value": "count", "event": "Product Viewed", "seconds": 3600, "unit": "count",
        "filters": {"category": "Grinders", "size": "L"},
    }  # fmt: skip
