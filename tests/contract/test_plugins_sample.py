"""The plugins of the sample package, as pip installed it, keep the suites that crosslift hands to their authors."""

import sys

import pyarrow as pa
import pytest

from crosslift.domain.plugin import Proposal, Question
from crosslift.testing import plugins_contract as contract

IN_CART = Question("cart", "web", contract.NOW, "en", cart=("P00",))


@pytest.fixture(scope="module")
def package(load_script, once):
    """Import from the folder pip installed the sample into."""
    folder = once("sample-plugin", load_script("tests/unit/shop/pluggable.py").install_sample)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        import crosslift_sample.by_hand
        import crosslift_sample.figures
        import crosslift_sample.notices
        import crosslift_sample.season
        import crosslift_sample.till

        yield crosslift_sample
    for name in [one for one in sys.modules if one.partition(".")[0] == "crosslift_sample"]:
        del sys.modules[name]


class TestCornerTill(contract.SourceContract):
    @pytest.fixture
    def source(self, package):
        return package.till.CornerTill.sources[0]

    @pytest.fixture
    def sample(self, tmp_path):
        path = tmp_path / "bons.csv"
        path.write_text(
            "Bon;Gebucht;Artikel;Stueck;Einzelpreis;Zustand;Kunde\n"
            "1;2026-10-30T10:00:00+00:00;T-40;2;3,50;bezahlt;c1\n2;2026-10-31T10:00:00+00:00;F-12;1;12,00;Storno;\n",
            encoding="utf-8",
        )
        return path


class TestSeason(contract.CandidatesContract):
    @pytest.fixture
    def source(self, package):
        return package.season.Season()

    @pytest.fixture
    def question(self):
        return IN_CART


class TestSeasonWords(contract.ReasonContract):
    @pytest.fixture
    def voice(self, package):
        return package.season.SeasonWords()

    @pytest.fixture
    def proposals(self):
        return [Proposal("P07", 1.0, {"month": 11}), Proposal("P07", 1.0, {"month": 12})]


class TestByHand(contract.GateContract):
    @pytest.fixture
    def gate(self, package):
        return package.by_hand.ByHand()

    @pytest.fixture
    def question(self):
        return IN_CART

    @pytest.fixture
    def product_ids(self):
        return ("P01", "P02", "P09")


class TestNoticeFile(contract.ChannelContract):
    @pytest.fixture
    def channel(self, package, tmp_path, monkeypatch):
        monkeypatch.setenv("CROSSLIFT_NOTICES", str(tmp_path / "notices.jsonl"))
        return package.notices.NoticeFile()

    @pytest.fixture
    def arrived(self, tmp_path):
        return lambda: (tmp_path / "notices.jsonl").read_text(encoding="utf-8").splitlines()

    @pytest.fixture
    def broken(self, package, tmp_path, monkeypatch):
        monkeypatch.setenv("CROSSLIFT_NOTICES", str(tmp_path / "nowhere" / "notices.jsonl"))
        return package.notices.NoticeFile()


class TestSingleItem(contract.MetricContract):
    @pytest.fixture
    def measurer(self, package):
        return package.figures.SingleItem()

    @pytest.fixture
    def lines(self, load_script):
        little = load_script("tests/unit/shop/little.py")
        table: pa.Table = little.lines(little.pantry(60).orders)
        return table
