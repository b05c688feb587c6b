"""Judge.me's event as Mechanic's documentation records it (lightward/mechanic-docs, integrations/judge.me)."""

import msgspec
import pytest


@pytest.fixture
def example(sample):
    return sample("judgeme")


def test_the_published_example(heard, example):
    assert heard("judgeme", example) == {
        "judgeme:434": {
            "feedback_id": "judgeme:434", "at": "2019-05-02T08:39:09+00:00", "kind": "review", "customer_id": "o+import11@o.com",
            "rating": 5, "scale": 5, "text": "fulfiment", "product_id": None, "verified": "not-yet", "source": "admin",
        }
    }  # fmt: skip


def test_title_and_body_are_its_words_and_the_platforms_product_its_product(heard, example):
    example["review"] |= {"title": "Never again", "body": "It broke.", "product_external_id": 999999, "rating": 1}
    row = heard("judgeme", example)["judgeme:434"]
    assert (row["text"], row["product_id"], row["rating"]) == ("Never again\nIt broke.", 999999, 1)


@pytest.mark.parametrize(
    ("reviewer", "customer"),
    [
        ({"email": "Jo@Mail.example", "external_id": 7}, "jo@mail.example"), ({"email": None, "external_id": 7061}, "7061"),
        ({"email": "info@shop.example", "external_id": None}, None), ({}, None),
    ],
)  # fmt: skip
def test_the_address_names_the_customer_else_the_platforms_id(heard, example, reviewer, customer):
    example["review"]["reviewer"] = reviewer
    assert heard("judgeme", example)["judgeme:434"]["customer_id"] == customer


@pytest.mark.parametrize(
    ("change", "said"),
    [({"rating": 6}, "<= 5"), ({"rating": None}, "Expected `int`"), ({"created_at": "soon"}, "Invalid RFC3339")],
)
def test_what_cannot_be_is_refused_with_its_place(heard, example, change, said):
    example["review"] |= change
    with pytest.raises(msgspec.ValidationError, match=f"{said}.* - at `\\$.review"):
        heard("judgeme", example)
