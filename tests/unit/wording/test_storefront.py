"""The storefront's labels: whole in each language, and nobody can change them."""

import pytest

from crosslift.wording.messages import LANGUAGES
from crosslift.wording.storefront import LABELS, labels


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_is_there_without_placeholders(language):
    ours = labels(language)
    assert tuple(ours) == LABELS
    assert all(label and "{" not in label for label in ours.values())


@pytest.mark.parametrize(
    ("language", "goes_with", "tax_included"),
    [
        ("en-GB", "Goes well with", "Tax included"),
        ("ko-KR", "함께 쓰기 좋은 상품", "부가세 포함"),
        ("ja", "あわせて使えるもの", "税込"),
        ("it", "Goes well with", "Tax included"),
    ],
)
def test_labels_follow_the_language_of_the_tag(language, goes_with, tax_included):
    assert labels(language)["goes_with"] == goes_with
    assert labels(language)["tax_included"] == tax_included


def test_labels_are_read_once_and_cannot_be_changed():
    assert labels("ko") is labels("ko-KR")
    with pytest.raises(TypeError):
        labels("ko")["home"] = "x"


def test_korean_and_japanese_are_no_copies_of_the_english():
    english = labels("en")
    for language in ("ko", "ja"):
        assert [key for key in LABELS if labels(language)[key] == english[key]] == []
