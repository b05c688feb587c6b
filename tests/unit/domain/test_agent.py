"""An agent advises on what agent and firm both hold; who is an agent and who a customer is told apart."""

from dataclasses import replace

import pytest

from crosslift.domain.agent import Agent, listed
from crosslift.domain.identity import agent_of, customer_of

MINA = Agent("mina", "Mina", "desk", frozenset({"tax", "insurance"}), is_active=True)


def test_licences_are_those_of_both_and_none_of_whoever_left():
    assert MINA.held_with({"tax", "funds"}) == {"tax"}
    assert MINA.held_with(()) == frozenset()
    assert replace(MINA, is_active=False).held_with({"tax"}) == frozenset()


@pytest.mark.parametrize(
    ("text", "names"),
    [("", ()), (" ; ,", ()), ("tax", ("tax",)), ("tax;insurance, tax | funds", ("funds", "insurance", "tax"))],
)
def test_several_names_of_one_text(text, names):
    assert listed(text) == names


def test_who_sells_is_nobodys_identity():
    assert (agent_of("agent:mina"), customer_of("agent:mina")) == ("mina", None)
    assert agent_of("customer:mina") is agent_of("agent:") is agent_of("agent") is None
