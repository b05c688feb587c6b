"""The page on offers: its example is taken as it stands, and what it names exists."""

import re

from crosslift.collect.offers import read_file
from crosslift.collect.schemas_offers import OFFERS, SPOKEN
from crosslift.domain.decision import DropCode
from crosslift.domain.offer import OfferKind, Period
from crosslift.settings import Settings


def test_the_example_is_an_offer(repo, tmp_path):
    page = (repo / "docs/offers.md").read_text(encoding="utf-8")
    (tmp_path / "offers.toml").write_text(re.search(r"```toml\n(.*?)```", page, re.DOTALL)[1], encoding="utf-8")
    [draft] = read_file(tmp_path / "offers.toml", Settings.load({}, environment={})).drafts
    assert (draft.offer.offer_id, draft.offer.pays.amount, len(draft.offer.prices)) == ("setup-visit", 148_800, 2)


def test_every_column_is_told(repo):
    page = (repo / "docs/offers.md").read_text(encoding="utf-8")
    told = {name.removesuffix("_en") for name in re.findall(r"`([a-z_]+)`", page)}
    assert {*OFFERS.names, *SPOKEN, "label"} <= told
    assert {f"{period}" for period in Period} <= set(re.findall(r"\w+", page))


def test_every_kind_and_every_code_it_names_is_known(repo):
    page = (repo / "docs/offers.md").read_text(encoding="utf-8")
    assert re.search(r"# (goods, .*)\n", page)[1].split(", ") == [kind.value for kind in OfferKind]
    for code in (DropCode.NOT_YET, DropCode.WRONG_MARKET, DropCode.TOO_YOUNG, DropCode.NOT_FOR_PERSON):
        assert f"`{code}`" in page
