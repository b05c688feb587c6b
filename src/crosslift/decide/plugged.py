"""What plugins said, as a decision and its record have it: products that were named, gates that were asked.

A gate of a plugin is a rule of the policy whose selector the plugin answers, so that it is asked, recorded, traced and replayed
as every other rule is. A second rule stops what it would have judged, where it could not answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from crosslift.decide.curation import Marks
from crosslift.domain.decision import DropCode
from crosslift.domain.plugin import AskedGate, Proposed
from crosslift.domain.policy import Policy
from crosslift.domain.rule import Rule, Selector

PREFIX = "plugin:"
STOPS, FAILED = "stops", "failed"
"""What the selectors of a gate's two rules ask for."""


def with_gates(policy: Policy, gates: Sequence[AskedGate]) -> Policy:
    """Give the policy with two rules a gate behind its own; the very same without gates."""
    if not gates:
        return policy
    return replace(policy, rules=(*policy.rules, *(rule for gate in gates for rule in rules_of_gate(gate))))


def rules_of_gate(asked: AskedGate) -> tuple[Rule, Rule]:
    """Write a gate as rules: what it stops, and everything it is about where it failed. Needs are not spared."""
    terms, owner = asked.terms, f"plugin {asked.plugin} {asked.version}"
    name = PREFIX + asked.plugin

    def rule(suffix: str, code: str, reason: str, wanted: str) -> Rule:
        stops = Selector(terms.products, terms.categories, terms.kinds, attributes={name: wanted})
        return Rule(name + suffix, terms.gate, code, owner, reason, stops=stops, spares_needs=False)

    return (
        rule("", terms.code, terms.reason, STOPS),
        rule(":failed", DropCode.PLUGIN_FAILED, "The plugin did not answer; what it judges is not offered.", FAILED),
    )


def marked(marks: Marks, proposed: Sequence[Proposed], index: Mapping[str, int]) -> Marks:
    """Put what plugins named beside what the merchant says; all of it is in the snapshot."""
    return replace(marks, plugged=tuple((index[one.product_id], one) for one in proposed))


def placed(
    proposed: Sequence[Proposed], index: Mapping[str, int], parent_of: Callable[[str], str]
) -> tuple[Proposed, ...]:
    """Give what plugins named by its product, a variant's by its own; what the snapshot does not know is left out."""
    named = (replace(one, product_id=parent_of(one.product_id)) for one in proposed)
    return tuple(one for one in named if one.product_id in index)
