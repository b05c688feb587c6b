"""What crosslift brings itself keeps the suites of plugins: sources, candidate sources, gates, channels, figures, reasons."""

import socketserver
import threading
from pathlib import Path

import numpy as np
import pytest

from crosslift.collect.sources.known import SOURCES
from crosslift.decide import candidates
from crosslift.decide.candidates import Candidates
from crosslift.decide.context import NO_ITEMS, Context
from crosslift.decide.facets import Facets
from crosslift.decide.found import no_rows, ones
from crosslift.decide.rules import Asked, RuleSet
from crosslift.domain.decision import Reason, ReasonCode
from crosslift.domain.plugin import Proposal, Question
from crosslift.domain.policy import Policy
from crosslift.domain.rule import Gate, Rule, Selector
from crosslift.errors import BadInput
from crosslift.jobs.mail import Mail
from crosslift.measure import metrics, orders
from crosslift.settings import Settings
from crosslift.store.duckdb import DuckdbFrames
from crosslift.testing import plugins_contract as contract
from crosslift.testing.demo.samples import samples
from crosslift.wording.messages import LANGUAGES
from crosslift.wording.reasons import sentence

IN_CART = Question("cart", "web", contract.NOW, "en", cart=("P00",))
SAMPLES = {one.format: one for one in samples()}


@pytest.fixture(scope="module")
def little(load_script):
    return load_script("tests/unit/shop/little.py")


@pytest.fixture(scope="module")
def pantry(little):
    return little.pantry(300)


@pytest.fixture(scope="module")
def known(little, pantry):
    return little.knowledge(pantry.orders)


@pytest.mark.parametrize("source", [one for one in SOURCES if one.format in SAMPLES], ids=lambda one: one.format)
class TestSources(contract.SourceContract):
    @pytest.fixture
    def sample(self, source, tmp_path):
        path = tmp_path / SAMPLES[source.format].name
        path.write_bytes(SAMPLES[source.format].content)
        return path


class OurSource:
    """A candidate source of ours, asked as one of a plugin is."""

    def __init__(self, name, known):
        self.name, self.known = name, known

    def propose(self, question):
        cart = np.array(sorted(self.known.index[name] for name in question.cart), dtype=np.int32)
        found = candidates.gather(self.known, Context(cart=cart if len(cart) else NO_ITEMS), [self.name])
        rows = zip(found.items.tolist(), found.scores.tolist(), strict=True)
        return [Proposal(self.known.products[item], score) for item, score in rows]


@pytest.mark.parametrize("name", ["complement", "completion", "bestseller"])
class TestCandidateSources(contract.CandidatesContract):
    @pytest.fixture
    def source(self, name, known):
        return OurSource(name, known)

    @pytest.fixture
    def question(self, name):
        return IN_CART


class OurGate:
    """The rules of a policy, asked as a gate of a plugin is."""

    def __init__(self, rule, known):
        self.known, self.facets = known, Facets(known, {})
        self.rules = RuleSet(Policy("p", 1, ("complement",), rules=(rule,)), known)

    def judge(self, question, product_ids):
        n, items = len(product_ids), np.array([self.known.index[name] for name in product_ids], dtype=np.int32)
        found = Candidates(items, ones(n), np.zeros(n, np.int8), no_rows(n), no_rows(n), ones(n), ("complement",))
        verdict = np.zeros(n, dtype=np.uint16)
        asked = Asked(lambda wanted, items: self.facets.mask(wanted)[items], lambda _times: np.zeros(n, dtype=np.bool_))
        self.rules.judge(Gate.ELIGIBLE, (0,), found, asked, verdict)
        return {name for name, stopped in zip(product_ids, verdict.tolist(), strict=True) if stopped}


class TestRules(contract.GateContract):
    @pytest.fixture
    def gate(self, known):
        rule = Rule("r", Gate.ELIGIBLE, "not_these", "mina", "Not these.", stops=Selector(products=("P01", "P09")))
        return OurGate(rule, known)

    @pytest.fixture
    def question(self):
        return IN_CART

    @pytest.fixture
    def product_ids(self):
        return ("P01", "P02", "P09")


class OurMail:
    """News by mail, sent as a channel of a plugin sends."""

    def __init__(self, port):
        at = {"jobs.mail_to": "ops@example.com", "jobs.mail_from": "shop@example.com"}
        self.mail = Mail(Settings.load({**at, "jobs.mail_server": f"127.0.0.1:{port}"}, environment={}))

    def send(self, notice):
        self.mail(notice.kind, notice.facts)


class TestMail(contract.ChannelContract):
    @pytest.fixture
    def relay(self, load_script):
        with socketserver.ThreadingTCPServer(
            ("127.0.0.1", 0), load_script("tests/unit/jobs/test_mail.py").Relay
        ) as server:
            server.heard, server.letter = [], ""
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            yield server
            server.shutdown()
            thread.join()

    @pytest.fixture
    def channel(self, relay):
        return OurMail(relay.server_address[1])

    @pytest.fixture
    def arrived(self, relay):
        return lambda: [relay.letter]

    @pytest.fixture
    def broken(self):
        with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as closed:
            port = closed.server_address[1]
        return OurMail(port)


class OurMetric:
    """A figure of ours, worked out as one of a plugin is."""

    api_version = 1

    def __init__(self, metric):
        self.metric = metric

    def measure(self, lines):
        settings = Settings.load({}, environment={})
        found = metrics.measure(lines, DuckdbFrames(None, Path()).lazy, settings, anchor="P00")
        return next(one.figure for one in found if one.metric is self.metric)


@pytest.mark.parametrize("metric", orders.METRICS, ids=lambda one: one.name)
class TestMetrics(contract.MetricContract):
    @pytest.fixture
    def measurer(self, metric):
        return OurMetric(metric)

    @pytest.fixture
    def lines(self, little, pantry, metric):
        return little.lines(pantry.orders)


class OurVoice:
    """Our own sentences, told as those of a plugin are."""

    def __init__(self, code):
        self.code = code

    def tell(self, proposal):
        try:
            return {language: sentence(Reason(self.code, proposal.facts), language) for language in LANGUAGES}
        except BadInput:
            return {}


FACTS = {
    ReasonCode.BOUGHT_TOGETHER: {"anchor": "T-40", "n_both": 412, "n_a": 5120, "expected": 38.0},
    ReasonCode.OFTEN_IN_SUCH_BASKETS: {"anchor": "T-40", "n_both": 12, "n_a": 310},
    ReasonCode.OWN_LIST: {"anchor": "T-40", "rank": 2, "n_listed": 3},
}


@pytest.mark.parametrize("code", list(FACTS))
class TestReasons(contract.ReasonContract):
    @pytest.fixture
    def voice(self, code):
        return OurVoice(code)

    @pytest.fixture
    def proposals(self, code):
        return [Proposal("F-12", 0.5, FACTS[code])]
