"""The offer library and its promises."""

from collections.abc import Mapping, Sequence
from typing import Any

from crosslift.errors import Conflict
from crosslift.store import sql_chain, sql_curation, sql_steps
from crosslift.store.engine import Connection, upsert
from crosslift.store.sql_customers import SqlCustomers
from crosslift.store.sql_people import marks
from crosslift.store.sql_steps import named_rows

LIVE = "offers"
"""Under this name `shop_meta` keeps the change number of the newest write."""


class SqlOffers(SqlCustomers):
    """The part of the port that keeps offers."""

    def save_offers(self, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Add the next version of each offer, all or none; gives their numbers. The change number moves."""

        def save(connection: Connection) -> list[int]:
            number = sql_steps.next_change(connection)
            versions = [_next_version(connection, row["offer_id"]) for row in rows]
            for row, version in zip(rows, versions, strict=True):
                kept = {**row, "version": version, "change_number": number}
                upsert(connection, "offers", kept)
                told = sql_chain.told(kept, "version", "kind", "is_active", "author", "reason")
                sql_chain.note(connection, row["created_at"], "offer.save", row["offer_id"], told)
            sql_curation.note_change(connection, LIVE, number)
            return versions

        return self._write(save)

    def offers(self, change_number: int | None = None) -> list[dict[str, Any]]:
        """Give the newest version of every offer by id, or what was the newest at a change number; inactive ones too."""
        return named_rows(
            self._reader(),
            "select o.* from offers o join (select offer_id, max(version) as version from offers "
            "where change_number <= coalesce(?, change_number) group by 1) n "
            "on n.offer_id = o.offer_id and n.version = o.version order by o.offer_id",
            (change_number,),
        )

    def offer_versions(self, offer_id: str) -> list[dict[str, Any]]:
        """Give every version of an offer, oldest first."""
        return named_rows(self._reader(), "select * from offers where offer_id = ? order by version", (offer_id,))

    def offers_changed_since(self, change_number: int) -> bool:
        """Tell whether any offer was written after a change number."""
        return sql_curation.changed_at(self._reader(), LIVE) > change_number

    def save_promise(self, row: Mapping[str, Any], codes: Sequence[str]) -> dict[str, Any]:
        """Keep a promise under the first of some codes that is free; what its decision and slot promised already stays."""

        def save(connection: Connection) -> dict[str, Any]:
            standing = _promise_of(connection, row["decision_id"], row["slot"])
            if standing is not None:
                return standing
            code = next((one for one in codes if _promise(connection, one) is None), None)
            if code is None:
                raise Conflict(f"every code of decision {row['decision_id']} is taken; decide again")
            kept = {**row, "code": code, "redeemed_at": None, "redeemed_by": None}
            connection.execute(
                f"insert into promises ({', '.join(kept)}) values ({marks(list(kept))})", tuple(kept.values())
            )
            return kept

        return self._write(save)

    def promise(self, code: str) -> dict[str, Any] | None:
        """Give a promise by its code."""
        return _promise(self._reader(), code)

    def promise_of(self, decision_id: str, slot: int) -> dict[str, Any] | None:
        """Give the promise of one offer of a decision, None where nobody asked for it yet."""
        return _promise_of(self._reader(), decision_id, slot)

    def redeem_promise(self, code: str, redeemed_by: str, now: int) -> dict[str, Any] | None:
        """Redeem a promise that is open at an instant; gives it as it stands then, redeemed by whoever was first."""

        def redeem(connection: Connection) -> dict[str, Any] | None:
            connection.execute(
                "update promises set redeemed_at = ?, redeemed_by = ? where code = ? and redeemed_at is null "
                "and ends_at > ?",
                (now, redeemed_by, code, now),
            )
            return _promise(connection, code)

        return self._write(redeem)


def _next_version(c: Connection, offer_id: str) -> int:
    [newest] = c.execute("select max(version) from offers where offer_id = ?", (offer_id,)).fetchone()
    return (newest or 0) + 1


def _promise(c: Connection, code: str) -> dict[str, Any] | None:
    found = named_rows(c, "select * from promises where code = ?", (code,))
    return found[0] if found else None


def _promise_of(c: Connection, decision_id: str, slot: int) -> dict[str, Any] | None:
    found = named_rows(c, "select * from promises where decision_id = ? and slot = ?", (decision_id, slot))
    return found[0] if found else None
