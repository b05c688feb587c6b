"""The third room: the only door to `decide`; what was decided, read and made again."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crosslift.decide import record
from crosslift.decide.decider import Read, decide
from crosslift.decide.replay import Replayed, replay
from crosslift.domain.customer import Person, Purpose
from crosslift.domain.decision import Decision, Request
from crosslift.domain.offer import PLACEMENTS
from crosslift.domain.policy import BUILT_IN
from crosslift.errors import NotFound, NotReplayable
from crosslift.settings import VERSION
from crosslift.shop import requests
from crosslift.shop.learning import Learning
from crosslift.store.ports import PersonRow


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
        with_trace: bool = False,
    ) -> Decision:
        """Decide what, if anything, to offer, and record it.

        Parameters
        ----------
        placement : str
            Where it will appear: product, cart, checkout, home, e-mail ... see `domain.offer.PLACEMENTS`.
        cart, holdings : sequence of str
            Products in the basket; owned already, as the caller knows it.
        product, query, content : str, optional
            What the page is about; what was searched for; which guide, FAQ or set-up step is read.
        kinds : sequence of str, optional
            Only these kinds of offer, as a slot of a page wants them.
        k : int, optional
            At most this many offers.
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
            kinds=kinds,
        )  # fmt: skip
        return self.decide_requests([request], with_trace=with_trace)[0]

    def decide_requests(self, asked: Sequence[Request], *, with_trace: bool = False) -> list[Decision]:
        """Decide several requests and record them in one durable write."""
        made = [self._decide(request, with_trace) for request in asked]
        self.records.record_decisions([m[1] for m in made], [m[2] for m in made])
        return [m[0] for m in made]

    def decide_unrecorded(
        self, request: Request, with_trace: bool = False
    ) -> tuple[Decision, tuple[Any, ...], tuple[Any, ...]]:
        """Decide and give the rows to record; the server commits many of them at once before it answers."""
        return self._decide(request, with_trace)

    def _decide(self, request: Request, with_trace: bool) -> tuple[Decision, tuple[Any, ...], tuple[Any, ...]]:
        identity = f"customer:{request.customer_id}" if request.customer_id else None
        row = self.records.person(identity, self._micros(request.at))
        if self.settings["privacy.contextual_only"]:
            row = PersonRow(row.change_number, row.is_known, frozenset(), {}, {}, row.mapping_version)
        knowledge, overlay = self.known.at(row.change_number)
        person = Person(
            identity, row.is_known, row.owned, row.consents, row.entries, row.mapping_version,
            holdings=row.holdings, dues=row.dues,
        )  # fmt: skip
        decision_id = secrets.token_hex(16)
        placement = PLACEMENTS[request.placement]
        decision, read = decide(
            request,
            decision_id,
            knowledge,
            overlay,
            person,
            BUILT_IN[request.policy],
            placement,
            with_trace=with_trace,
        )
        return decision, *self._rows_of(decision, request, person, read, placement.channel)

    def _rows_of(
        self, decision: Decision, request: Request, person: Person, read: Read, channel: str
    ) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        at = self._micros(decision.at)
        identity = person.identity if decision.purpose is not Purpose.CONTEXTUAL else None
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
        self._forget()
        found = self.records.decision(decision_id)
        if found is None:
            raise NotFound(f"no decision {decision_id}; ids are given with every answer")
        row, blob = found
        if blob is None:
            raise NotReplayable(
                f"decision {decision_id}: its inputs were kept {self.settings['decide.blob_days']} days"
            )
        return replay(decision_id, row["body"], blob, self.known.of(row["snapshot_id"]), self.key)
