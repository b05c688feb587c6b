"""The third room: the only door to `decide`; what was decided, read and made again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from crosslift.decide import record
from crosslift.decide.assignment import Arms, Lot
from crosslift.decide.decider import decide
from crosslift.decide.knowledge import LIVE_CODES, Knowledge
from crosslift.decide.outset import stopped
from crosslift.decide.page import Page
from crosslift.decide.pressure import attention, counted_as, zone_of
from crosslift.decide.reading import Read
from crosslift.decide.replay import Replayed, replay
from crosslift.decide.rules import rules_of
from crosslift.decide.why_not import why_not
from crosslift.domain import chance
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Decision, NoOffer, Request
from crosslift.domain.identity import ERASED
from crosslift.domain.placement import PLACEMENTS
from crosslift.domain.policy import Policy
from crosslift.domain.pressure import Helped
from crosslift.domain.why_not import Fate, WhyNot
from crosslift.errors import NotFound, NotReplayable
from crosslift.settings import VERSION
from crosslift.shop import counting, requests
from crosslift.shop.assigning import NO_ARMS, arms_of, first_arms, promoted
from crosslift.shop.counting import Made
from crosslift.shop.learning import Learning
from crosslift.shop.live.helped import helped
from crosslift.shop.rulings import Ruling
from crosslift.store.ports import PersonRow

UNKNOWN_ERASED = f"unknown_customer:{ERASED}"


class Deciding(Learning):
    """Everything that is decided."""

    def decide(
        self,
        placement: str,
        cart: Sequence[str] = (),
        *,
        customer: str | None = None,
        holdings: Sequence[str] = (),
        k: int | None = None,
        at: datetime | None = None,
        exclude: Sequence[str] = (),
        policy: str = "helpful",
        purpose: str | None = None,
        language: str | None = None,
        market: str | None = None,
        product: str | None = None,
        query: str | None = None,
        content: str | None = None,
        kinds: Sequence[str] = (),
        anonymous: str | None = None,
        session: str | None = None,
        account: str | None = None,
        device: str | None = None,
        dwell_seconds: float | None = None,
        viewed: Sequence[str] = (),
        cart_value: Decimal | float | str | None = None,
        agent: str | None = None,
        goals: Sequence[str] = (),
        store: str | None = None,
        with_trace: bool = False,
    ) -> Decision:
        """Decide what, if anything, to offer, and record it.

        Parameters
        ----------
        placement : str
            Where it will appear: product, cart, checkout, home, e-mail ... see `domain.placement.PLACEMENTS`.
        cart, holdings : sequence of str
            Products in the basket; owned already, as the caller knows it.
        product, query, content : str, optional
            What the page is about; what was searched for; which guide, FAQ or set-up step is read.
        kinds : sequence of str, optional
            Only these kinds of offer, as a slot of a page wants them.
        k : int, optional
            At most this many offers.
        anonymous, session, account : str, optional
            The browser, the visit, the company. Without customer and browser there is no stable id: nothing interrupts.
        device, dwell_seconds, viewed, cart_value : optional
            Of this visit: what it is made with, seconds on this page, products looked at, what the cart costs.
        agent : str, optional
            Who speaks to the customer; their licences count.
        goals : sequence of str, optional
            Goals and needs confirmed in this conversation.
        store : str, optional
            The shop, branch or till it is asked in.
        purpose : str, optional
            contextual, personalization or marketing; by default what consent allows. `evaluation` is offline only.

        Raises
        ------
        BadUsage
            For k below 1, an unknown placement, policy or purpose.
        NotReady
            If nothing has been learned yet.
        """
        request = requests.build(
            placement, cart, customer, holdings, k, self.local(at) if at else self.clock(), exclude, policy, purpose,
            language or self.settings["shop.language"], market, product=product, query=query, content=content,
            kinds=kinds, policies=self.known.rulings, anonymous=anonymous, session=session, account=account, device=device,
            dwell_seconds=dwell_seconds, viewed=viewed, cart_value=cart_value, agent=agent, goals=goals, store=store,
        )  # fmt: skip
        return self.decide_requests([request], with_trace=with_trace)[0]

    def decide_requests(self, asked: Sequence[Request], *, with_trace: bool = False) -> list[Decision]:
        """Decide several requests and record them, those whose reservation met another one anew."""
        return self._recorded([self.decide_unrecorded(request, with_trace) for request in asked])

    def _recorded(self, made: list[Made]) -> list[Decision]:
        waiting = list(range(len(made)))
        while waiting:
            met = self.records.record_decisions(*counting.rows_of([made[place] for place in waiting]))
            waiting = [waiting[index] for index in met]
            for place in waiting:
                made[place] = self.decide_again(made[place])
        return [one.decision for one in made]

    def decide_unrecorded(self, request: Request, with_trace: bool = False) -> Made:
        """Decide and give the rows to record; the server commits many of them at once before it answers."""
        return self._decide(request, with_trace, 0, Page())

    def decide_page(self, page: Sequence[Request], *, with_trace: bool = False) -> list[Decision]:
        """Decide the placements of one page, in order: what one of them shows no later one shows again."""
        return self._recorded(self.decide_page_unrecorded(page, with_trace))

    def decide_page_unrecorded(self, page: Sequence[Request], with_trace: bool = False) -> list[Made]:
        """Decide the placements of one page and give the rows to record; each person is read once."""
        shown: tuple[str, ...] = ()
        made, seen = [], Page()
        for request in page:
            one = self._decide(replace(request, on_page=shown) if shown else request, with_trace, 0, seen)
            shown += tuple(offer.product_id for offer in one.decision.offers)
            made.append(one)
        return made

    def decide_again(self, made: Made) -> Made:
        """Decide anew what met another reservation: the person is read again."""
        return self._decide(made.request, made.with_trace, made.tries + 1, Page())

    def _decide(self, request: Request, with_trace: bool, tries: int, page: Page) -> Made:
        named = request.customer_id
        row = page.once(self.records.person, (), counted_as(request), self._micros(request.at))
        if row.is_erased:  # a stranger: what they do is kept under no name
            request = replace(request, customer_id=ERASED if named else None, anonymous_id=None, session_id=None)
        if self.settings["privacy.contextual_only"]:
            row = replace(row, owned=frozenset(), consents={}, entries={}, holdings=frozenset(), dues=())
        knowledge, overlay = self.known.at(row.change_number)
        ruling = self.known.rulings.at(row.change_number)
        is_stopped = ruling.stops(request)
        policy = ruling.bare(request.policy) if is_stopped else self.known.rulings.named(request.policy, ruling)
        arms, policy = (NO_ARMS, policy) if is_stopped else self._assigned(request, row, policy, ruling)
        person = Person(
            request.identity, row.is_known, row.owned, row.consents, row.entries, row.mapping_version,
            holdings=row.holdings, dues=row.dues,
            pressure=replace(row.pressure, is_busy=True) if tries >= counting.TRIES else row.pressure,
            open_cases=row.open_cases, timezone=self._zone_of(request, row, policy), market=row.market,
            helped=self._helped(request, row, policy),
        )  # fmt: skip
        decision_id = counting.new_id(self._micros(self.clock()))
        placement = PLACEMENTS[request.placement]
        asked = attention(request, placement, person, policy.timezones)
        peers = None
        if asked.is_taken or asked.is_spoken:
            peers = counting.peers_of(self.records, row, policy.pressure, asked.now, request.account_id)
        if peers is not None:
            person = replace(person, pressure=peers.beside(person.pressure))
        if is_stopped:
            number, read = overlay.change_number, Read()
            decision = stopped(request, decision_id, knowledge.snapshot_id, number, person, policy, placement)
        else:
            asked_too = self.plugins.round(policy) if self.plugins.is_online else None
            policy = asked_too.policy if asked_too else policy
            rules = rules_of(policy, knowledge)
            if rules.names is not None:
                knowledge, overlay = self.known.at(row.change_number, rules.names)
            person = self.asking.of(person, row, request, placement, policy, rules)
            plugged = asked_too.beside(overlay, knowledge, request, placement, person) if asked_too else None
            decision, read = decide(
                request, decision_id, knowledge, plugged or overlay, person, policy, placement, with_trace=with_trace,
                licences=self.agents.licences_of(request.agent_id),
                lot=Lot(chance.of(self.key, decision_id), arms.label, arms.withholds(ruling.experiments)), page=page,
            )  # fmt: skip
            read = plugged.noted(read) if plugged else read
        rows = self._rows_of(decision, request, person, read, placement.channel)
        if row.is_erased:  # whoever asks is told the name they gave
            told = (w.replace(ERASED, named) if named and w == UNKNOWN_ERASED else w for w in decision.warnings)
            decision = replace(decision, warnings=tuple(told))
        counted, fresh = counting.counted_of(decision, asked, row, peers), first_arms(arms, decision, row)
        return Made(request, with_trace, decision, *rows, counted, tries, fresh)

    def _assigned(self, request: Request, row: PersonRow, policy: Policy, ruling: Ruling) -> tuple[Arms, Policy]:
        """Find the arms of a request, and the policy it is decided by: that of its arm where a trial compares policies."""
        arms = arms_of(ruling, request, row, policy, self.records, self.key, request.at)
        named = arms.policy(ruling.experiments) or promoted(ruling, request, row, policy)
        return arms, policy if named is None else self.known.rulings.readable(named, ruling) or policy

    def _zone_of(self, request: Request, row: PersonRow, policy: Policy) -> str:
        """Name the zone of a person's clock: their own, their market's, else the shop's."""
        zones = policy.timezones
        names = (row.timezone, zones.get(request.market or row.market or ""), zones.get("*"))
        return next((name for name in names if name and zone_of(name)), self.settings["shop.time_zone"])

    def _helped(self, request: Request, row: PersonRow, policy: Policy) -> Helped:
        first = policy.pressure.value_first
        return helped(self.records, self.frames, row, first, self._micros(request.at)) if first else Helped()

    def _rows_of(
        self, decision: Decision, request: Request, person: Person, read: Read, channel: str
    ) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        at = self._micros(decision.at)
        is_allowed = decision.purpose is not Purpose.CONTEXTUAL and decision.no_offer is not NoOffer.NO_CONSENT
        identity = person.identity if is_allowed else None
        slim = (
            decision.decision_id, at, decision.placement, channel, decision.purpose.value, decision.policy, decision.arm,
            decision.is_withheld, identity, decision.mapping_version, decision.consent_id, decision.snapshot_id,
            record.slim(decision, request, VERSION, self.key),
        )  # fmt: skip
        keep = self._micros(self.clock() + timedelta(days=self.settings["decide.blob_days"]))
        return slim, (decision.decision_id, keep, record.inputs(request, person, read))

    def decision(self, decision_id: str) -> Mapping[str, Any]:
        """Read a recorded decision.

        Raises
        ------
        NotFound
            If there is no decision of that id.
        """
        self._forget()
        found = self.records.decision(decision_id)
        if found is None:
            raise NotFound(f"no decision {decision_id}; ids are given with every answer")
        row = dict(found[0])
        return {**row, **record.read_slim(row.pop("body")), "is_replayable": found[1] is not None}

    def replay(self, decision_id: str) -> Replayed:
        """Make a recorded decision again, with its full trace.

        Raises
        ------
        NotFound
            If there is no decision of that id.
        NotReplayable
            If its inputs or its snapshot are gone.
        """
        body, blob, knowledge, policy = self._kept(decision_id)
        return replay(decision_id, body, blob, knowledge, self.key, policy)

    def why_not(self, decision_id: str, product: str) -> WhyNot:
        """Tell what became of one product in a recorded decision, by making it again.

        Parameters
        ----------
        product : str
            A product, a variant or an offer of the library.

        Raises
        ------
        NotFound
            If there is no decision of that id.
        NotReplayable
            If its inputs or its snapshot are gone, and its record does not say that the product was offered.
        """
        knowledge, overlay = self._live()
        names = {product, overlay.parent_of(product)}
        item = next((knowledge.index[name] for name in names if name in knowledge.index), None)
        now = None if item is None else LIVE_CODES[overlay.flags[item]]
        try:
            body, blob, then, policy = self._kept(decision_id)
            found = why_not(decision_id, product, names, body, blob, then, self.key, policy)
        except NotReplayable:
            shown = [overlay.parent_of(offer["product"]) for offer in self.decision(decision_id)["offers"]]
            place = next((place for place, name in enumerate(shown) if name in names), None)
            if place is None:
                raise
            found = WhyNot(decision_id, product, Fate.OFFERED, place=place, is_replayed=False)
        return replace(found, now=now or "")

    def _kept(self, decision_id: str) -> tuple[bytes, bytes, Knowledge, Policy | None]:
        """Give what a decision is made again from: its record, its inputs, its snapshot and its policy."""
        self._forget()
        found = self.records.decision(decision_id)
        if found is None:
            raise NotFound(f"no decision {decision_id}; ids are given with every answer")
        row, blob = found
        if blob is None:
            raise NotReplayable(
                f"decision {decision_id}: its inputs were kept {self.settings['decide.blob_days']} days"
            )
        then = record.read_slim(row["body"])
        knowledge = self.known.of(row["snapshot_id"], then["change_number"])
        return row["body"], blob, knowledge, self.known.rulings.version(row["policy"], then["policy_version"])
