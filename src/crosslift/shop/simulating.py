"""A draft tried on what was decided in the last days: each decision made again as it was, then as the draft would have it.

Nothing is recorded, reserved or shown. Time runs forward: contacts that the draft takes are counted when it decides about
the same person later; those that were taken by the same decisions then are left out.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from crosslift.decide import consent, record
from crosslift.decide.knowledge import Knowledge
from crosslift.decide.overlay import Overlay
from crosslift.decide.pressure import attention, counted_as
from crosslift.decide.rehearsal import PERSON, Recall, recall
from crosslift.decide.rules import rules_of
from crosslift.domain.customer import Person
from crosslift.domain.decision import Decision, NoOffer
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import RELEVANCE, Policy
from crosslift.domain.pressure import Contact, ContactState, PressureState, Reacted, Reaction
from crosslift.errors import BadUsage, NotReplayable, WillNotWork
from crosslift.settings import Settings
from crosslift.shop.asking import Asking
from crosslift.shop.budgets import Budgets
from crosslift.shop.counting import counted_of, peers_of
from crosslift.shop.facets import read_facets
from crosslift.shop.known import Known, overlay_of
from crosslift.shop.live.helped import helped
from crosslift.shop.policies import Policies
from crosslift.shop.tally import Tally, compared, has_offer
from crosslift.store.frames import Frames
from crosslift.store.ports import PersonRow, Records

Row = dict[str, Any]
MOST = 5_000
"""Decisions tried, the newest: two decisions each, some milliseconds together."""
CAVEATS = (
    "Contacts are counted in the order of time: those the draft takes are there when it decides about the same person later.",
    "A contact that was taken then fares as it did; one that only the draft takes counts as shown at once.",
    "What people answered stays as it was: clicks, declines and purchases are those of the offers of then.",
    "Placements of one page are tried one by one: what the others of the page showed is as recorded.",
    "Caps over accounts count the contacts that their people really had.",
)


@dataclass(slots=True)
class _Sums:
    """Both sides of one placement, or of all."""

    recorded: Tally = field(default_factory=Tally)
    draft: Tally = field(default_factory=Tally)
    n_gained: int = 0
    n_lost: int = 0
    n_other: int = 0

    def told(self, currency: str) -> Row:
        """Give both sides, and the decisions with an offer that came and went."""
        return {
            "recorded": self.recorded.told(currency),
            "draft": self.draft.told(currency),
            "decisions": {"gained": self.n_gained, "lost": self.n_lost, "other_offers": self.n_other},
        }


class Simulation:
    """Tries policies on the log of decisions.

    Parameters
    ----------
    key : bytes
        The shop's own, for the draws that the decisions had.
    """

    def __init__(
        self, records: Records, frames: Frames, known: Known, policies: Policies, asking: Asking, settings: Settings,
        clock: Callable[[], datetime], key: bytes,
    ) -> None:  # fmt: skip
        self._records, self._frames, self._known, self._policies = records, frames, known, policies
        self._asking, self._settings, self._clock, self._key = asking, settings, clock, key
        self._loaded: tuple[tuple[str, int], Knowledge] | None = None
        self._today: tuple[Knowledge, Overlay] | None = None

    def run(self, draft: str | Policy, days: int, instead_of: str | None = None, most: int = MOST) -> Row:
        """Try a draft on the decisions of the last days; see `Shop.simulate`."""
        if days < 1 or most < 1:
            raise BadUsage(f"{days} days and {most} decisions: both are 1 or more")
        policy = self._policies.read(draft)[1] if isinstance(draft, str) else draft
        now = self._clock()
        since = now - timedelta(days=days)
        names, ids, n_all = self._chosen(policy, _micros(since), _micros(now), instead_of, most)
        run = _Run(policy, Budgets(self._records, frozenset(ids)))
        for decision_id in ids:
            why = self._try(decision_id, run)
            if why is not None:
                run.not_replayed[why] += 1
        return {
            "policy": policy.name, "instead_of": names, "days": days, "since": since.isoformat(),
            "until": now.isoformat(), "n_decisions": n_all, "n_tried": len(ids),
            "share": round(len(ids) / n_all, 4) if n_all else None,
            **run.told(self._settings["shop.currency"]), "caveats": list(CAVEATS),
        }  # fmt: skip

    def _chosen(
        self, policy: Policy, since: int, until: int, instead_of: str | None, most: int
    ) -> tuple[list[str], list[str], int]:
        """Give the policies whose decisions are tried, the ids of the newest in the order of time, and how many there are."""
        where = "at >= ? and at <= ? and purpose <> 'evaluation' and policy <> ?"
        values = (since, until, RELEVANCE.name)
        used = Counter(self._records.table("decisions", ("policy",), where, values).column("policy").to_pylist())
        if instead_of is not None and instead_of not in used:
            raise BadUsage(
                f"policy {instead_of!r} decided nothing in that time; there are {', '.join(sorted(used)) or 'none'}"
            )
        named = instead_of or (policy.name if policy.name in used else None)
        names = [named] if named else sorted(used)
        if not names:
            return [], [], 0
        among = f"{where} and policy in ({', '.join('?' * len(names))}) order by at desc, rowid desc limit ?"
        found = self._records.table("decisions", ("decision_id",), among, (*values, *names, most))
        return names, found.column("decision_id").to_pylist()[::-1], sum(used[name] for name in names)

    def changed(self, decision_id: str, change: Callable[[Policy], Policy]) -> tuple[Policy, Decision, Decision] | str:
        """Give the policy of a decision, the decision made again, and as it is with a change; why not where it cannot be."""
        again = self._again(decision_id)
        if isinstance(again, str):
            return again
        kept, was, knowledge = again
        draft = change(was)
        return was, kept.recorded, kept.under(draft, kept.person, self._live(knowledge, draft))[0]

    def _try(self, decision_id: str, run: "_Run") -> str | None:
        """Make one decision again on both sides; gives why not where it cannot be."""
        again = self._again(decision_id)
        if isinstance(again, str):
            return again
        self._decide(*again, run)
        return None

    def _again(self, decision_id: str) -> tuple[Recall, Policy, Knowledge] | str:
        """Make one decision again as it was, with its policy and snapshot; gives why not where it cannot be."""
        found = self._records.decision(decision_id)
        if found is None:
            return "inputs_gone"
        row, blob = found
        if blob is None:
            return "inputs_gone"
        then = record.read_slim(row["body"])
        if then["no_offer"] == NoOffer.STOPPED:
            return "shop_was_stopped"
        try:
            was = self._known.rulings.version(row["policy"], then["policy_version"])
            if was is None:
                return "policy_gone"
        except WillNotWork:
            return "policy_unreadable"
        try:
            knowledge = self._knowledge(row["snapshot_id"], then["change_number"])
        except NotReplayable:
            return "snapshot_gone"
        try:
            kept = recall(decision_id, row["body"], blob, knowledge, self._key, was)
        except NotReplayable:
            return "another_engine"
        return (kept, was, knowledge) if kept.is_equal else "came_out_differently"

    def _decide(self, kept: Recall, was: Policy, knowledge: Knowledge, run: "_Run") -> None:
        request, placement = kept.request, PLACEMENTS[kept.request.placement]
        now = _micros(request.at)
        row = self._records.person(counted_as(request), now)
        person, is_asked_today = self._person(kept, was, row, now, run, knowledge)
        made, read_today = kept.under(run.draft, person, self._live(knowledge, run.draft))
        asked = attention(request, placement, person, run.draft.timezones)
        whose = row.person_id or counted_as(request)
        recorded = counted_of(kept.recorded, asked, row)
        drafted = counted_of(made, asked, row)
        channels = [one.channel if one is not None and one.is_contact else None for one in (recorded, drafted)]
        if drafted is not None:
            taken = Contact(now, drafted.channel, drafted.topic, ContactState.RESERVED, drafted.expires_at)
            products = [offer.product_id for offer in made.offers]
            budget = taken if drafted.is_contact else None
            run.budgets.take(_identities(row, kept), kept.decision_id, budget, products, drafted.channel)
        run.read(read_today | ({PERSON} if is_asked_today else frozenset()))
        for sums in (run.all, run.of.setdefault(placement.name, _Sums())):
            sums.recorded.add(kept.recorded, whose, was, knowledge, asked.market, channels[0])
            sums.draft.add(made, whose, run.draft, knowledge, asked.market, channels[1])
            _count_change(sums, kept.recorded, made)

    def _person(
        self, kept: Recall, was: Policy, row: PersonRow, now: int, run: "_Run", knowledge: Knowledge
    ) -> tuple[Person, bool]:
        """Give the person as recorded, under the budget of the draft, with what it asks beside; and whether any is of today."""
        draft, request, placement = run.draft, kept.request, PLACEMENTS[kept.request.placement]
        whose = _identities(row, kept)
        contacts, sightings = run.budgets.contacts(whose, now), run.budgets.sightings(whose, now)
        state = _pressure(kept.person.pressure, contacts, sightings, row, now)
        is_today = False
        if draft.pressure.counts_accounts and draft.pressure.caps != was.pressure.caps:
            peers = peers_of(self._records, row, draft.pressure, now, request.account_id)
            if peers is not None:
                until = tuple(one for one in peers.contacts if one.at < now)
                state, is_today = replace(peers, contacts=until).beside(state), True
        person = replace(kept.person, pressure=state)
        first = draft.pressure.value_first
        if first is not None and first != was.pressure.value_first:
            person, is_today = replace(person, helped=helped(self._records, self._frames, row, first, now)), True
        if not consent.evaluate(request, person, placement).may_use_history:
            return (replace(person, held=None) if _asks_more(draft, was, knowledge) else person), is_today
        if not kept.used_history and not (placement.uses_history and not request.cart):
            more = self._owned_beside(kept, row, knowledge) if draft.candidates != was.candidates else frozenset()
            person, is_today = replace(person, owned=person.owned | more), is_today or bool(more)
        if _asks_more(draft, was, knowledge):
            fresh = replace(person, held=None)
            person = self._asking.of(fresh, row, request, placement, draft, rules_of(draft, knowledge))
            is_today = is_today or person is not fresh
        return person, is_today

    @staticmethod
    def _owned_beside(kept: Recall, row: PersonRow, knowledge: Knowledge) -> frozenset[str]:
        """Name what the person owns among products that were no candidates then."""
        return frozenset(name for name in row.owned if knowledge.index.get(name, -1) not in kept.candidates)

    def _knowledge(self, snapshot_id: str, change_number: int) -> Knowledge:
        """Load the snapshot of a decision; the one of the last decision serves again unless offers changed between."""
        if self._loaded is not None:
            (loaded_id, loaded_number), knowledge = self._loaded
            numbers = (loaded_number, change_number)
            is_same = loaded_number == change_number or not self._records.offers_changed_since(min(numbers))
            if loaded_id == snapshot_id and is_same:
                return knowledge
        self._loaded = ((snapshot_id, change_number), self._known.of(snapshot_id, change_number))
        return self._loaded[1]

    def _live(self, knowledge: Knowledge, draft: Policy) -> Overlay:
        """Give the live values of this moment over the snapshot of then."""
        if self._today is None or self._today[0] is not knowledge:
            overlay = overlay_of(knowledge, self._records)
            names = rules_of(draft, knowledge).names
            if names is not None:
                overlay = overlay.with_facets(read_facets(self._records, knowledge, names))
            self._today = (knowledge, overlay)
        return self._today[1]


@dataclass(slots=True)
class _Run:
    """One simulation under way."""

    draft: Policy
    budgets: Budgets
    all: _Sums = field(default_factory=_Sums)
    of: dict[str, _Sums] = field(default_factory=dict)
    not_replayed: Counter[str] = field(default_factory=Counter)
    read_today: Counter[str] = field(default_factory=Counter)
    n_read_today: int = 0

    def read(self, what: frozenset[str]) -> None:
        """Count what a decision read as it is today."""
        self.n_read_today += bool(what)
        self.read_today.update(what)

    def told(self, currency: str) -> Row:
        """Give all as plain values."""
        before, after = self.all.recorded.people, self.all.draft.people
        sides = [{"placement": name, **sums.told(currency)} for name, sums in sorted(self.of.items())]
        return {
            "n_replayed": self.all.recorded.n_decisions,
            "not_replayed": dict(sorted(self.not_replayed.items())),
            "n_read_today": self.n_read_today,
            "read_today": dict(sorted(self.read_today.items())),
            **self.all.told(currency),
            "people": {"gained": len(after - before), "lost": len(before - after), "kept": len(before & after)},
            "blocked": compared(self.all.recorded.blocked, self.all.draft.blocked),
            "no_offer": compared(self.all.recorded.no_offer, self.all.draft.no_offer),
            "by_placement": sides,
        }


def _pressure(
    then: PressureState, contacts: Sequence[Contact], sightings: Sequence[Reacted], row: PersonRow, now: int
) -> PressureState:
    """Give the pressure under the draft: what the person answered stands, also a mute that was taken back since."""
    muted = (one for one in then.reactions if one.reaction is Reaction.MUTED)
    answered = (one for one in row.pressure.reactions if one.at <= now and one.reaction is not Reaction.SEEN)
    return replace(then, contacts=tuple(contacts), reactions=(*muted, *answered, *sightings), contacts_since=0)


def _count_change(sums: _Sums, before: Decision, after: Decision) -> None:
    had, has = has_offer(before), has_offer(after)
    sums.n_gained += has and not had
    sums.n_lost += had and not has
    sums.n_other += had and has and _shown(before) != _shown(after)


def _shown(decision: Decision) -> tuple[Any, ...]:
    offers = tuple((one.product_id, one.kind, one.offer_id) for one in decision.offers)
    return offers, tuple(one.bundle_id for one in decision.sets)


def _identities(row: PersonRow, kept: Recall) -> tuple[str, ...]:
    """Name who is counted together: all identities of the person, else the visit; nobody at all where there is none."""
    name = counted_as(kept.request)
    return tuple(sorted(row.identities)) or ((name,) if name else (f"decision:{kept.decision_id}",))


def _asks_more(draft: Policy, was: Policy, knowledge: Knowledge) -> bool:
    """Tell whether a draft may ask something of people that the policy of then did not."""
    new = [rule for rule in draft.rules if rule not in was.rules]
    if any(rule.condition is not None or rule.younger_than or rule.stops.lacks_goal for rule in new):
        return True
    asked = (draft.goals, draft.closed_days, draft.returning_days)
    if asked != (was.goals, was.closed_days, was.returning_days):
        return True
    return len(knowledge.library) > 0 and draft.candidates != was.candidates


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
