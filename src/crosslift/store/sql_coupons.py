"""Coupons. Budget, uses and limits are read, judged and written in one transaction; see `coupon_records`."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from crosslift.domain.coupon import Campaign, CouponRefusal
from crosslift.domain.money import MICROS
from crosslift.domain.redemption import Cart, Granted, Held, Standing, judge
from crosslift.errors import Conflict
from crosslift.store import sql_chain
from crosslift.store.coupon_records import Issued, Redeemed
from crosslift.store.coupon_rows import campaign_of, decimal
from crosslift.store.engine import Connection, upsert
from crosslift.store.offer_rows import instant
from crosslift.store.sql_customers import SqlCustomers
from crosslift.store.sql_people import marks, members
from crosslift.store.sql_steps import named_rows

Row = dict[str, Any]
_STANDS = "released_at is null"
_NEWEST = "select * from coupon_campaigns where campaign_id = ? order by version desc limit 1"
_OPEN = "not is_used and ends_at > ?"


class SqlCoupons(SqlCustomers):
    """The part of the port that keeps coupons."""

    def save_campaign(self, row: Mapping[str, Any], code_hash: str | None, now: int) -> int:
        """Add the next version of a campaign; gives its number."""
        return self._write(lambda c: _save(c, row, code_hash, now))

    def campaigns(self) -> list[Row]:
        """Give the newest version of every campaign by id, those taken back too."""
        return named_rows(
            self._reader(),
            "select x.* from coupon_campaigns x join (select campaign_id, max(version) as version from coupon_campaigns "
            "group by 1) n on n.campaign_id = x.campaign_id and n.version = x.version order by x.campaign_id",
        )

    def campaign_versions(self, campaign_id: str) -> list[Row]:
        """Give every version of a campaign, oldest first."""
        statement = "select * from coupon_campaigns where campaign_id = ? order by version"
        return named_rows(self._reader(), statement, (campaign_id,))

    def issue_coupon(self, row: Mapping[str, Any], now: int, *, replaces: bool = False) -> Issued:
        """Give a person a code and hold what it may take off; who has an open one keeps that."""
        return self._write(lambda c: _issue(c, row, now, replaces))

    def coupon(self, code_hash: str) -> Row | None:
        """Give a code with `n_uses`, the uses that stand; None where nobody was given it."""
        with self._snapshot() as connection:
            found = _coupon(connection, code_hash)
            return found and {**found, "n_uses": _n_uses(connection, code_hash)}

    def redeem_coupon(self, code_hash: str, order_id: str, identity: str | None, cart: Cart, now: int) -> Redeemed:
        """Use a code on an order; the same code and order again changes nothing."""
        return self._write(lambda c: _redeem(c, code_hash, order_id, identity, cart, now))

    def release_coupon(self, code_hash: str, order_id: str, now: int) -> Redeemed:
        """Give the use of a canceled order back; again changes nothing. No use and no refusal where there was none."""
        return self._write(lambda c: _release(c, code_hash, order_id, now))

    def coupon_report(self, campaign_id: str, now: int) -> dict[str, int]:
        """Count a campaign: n_issued, n_open, n_redeemed, n_released, n_unknown_costs, given_micros, reserved_micros."""
        with self._snapshot() as connection:
            [uses] = named_rows(
                connection,
                f"select count(case when {_STANDS} then 1 end) as n_redeemed, count(released_at) as n_released, "
                f"coalesce(sum(case when {_STANDS} then n_unknown_costs end), 0) as n_unknown_costs, "
                f"coalesce(sum(case when {_STANDS} then discount_micros end), 0) as given_micros "
                "from coupon_uses where campaign_id = ?",
                (campaign_id,),
            )
            [codes] = named_rows(
                connection,
                f"select count(*) as n_issued, count(case when {_OPEN} then 1 end) as n_open from coupons "
                "where campaign_id = ? and identity is not null",
                (now, campaign_id),
            )
            return {**codes, **uses, "reserved_micros": _reserved(connection, campaign_id, now)}


# campaigns -----------------------------------------------------------------------------------------------------------


def _save(c: Connection, row: Mapping[str, Any], code_hash: str | None, now: int) -> int:
    campaign_id = row["campaign_id"]
    before = _newest(c, campaign_id)
    if before is not None:
        _check_change(c, before, row, now)
    version = 1 if before is None else before["version"] + 1
    upsert(c, "coupon_campaigns", {**row, "version": version})
    if code_hash is not None:
        _save_code(c, {**row, "version": version}, code_hash, now)
    told = sql_chain.told(
        {**row, "version": version}, "version", "kind", "budget_micros", "currency", "author", "reason"
    )
    sql_chain.note(c, now, "coupons.save", campaign_id, told)
    return version


def _check_change(c: Connection, before: Row, row: Mapping[str, Any], now: int) -> None:
    campaign_id = row["campaign_id"]
    if before["currency"] != row["currency"] or (before["code"] is None) is not (row["code"] is None):
        raise Conflict(
            f"campaign {campaign_id!r} keeps its currency, and personal codes stay personal; make another campaign"
        )
    spent = _given(c, campaign_id) + _reserved(c, campaign_id, now)
    if row["budget_micros"] < spent:
        raise Conflict(
            f"campaign {campaign_id!r} has given or promised {Decimal(spent) / MICROS:f} {row['currency']} already; "
            "its budget cannot be less"
        )


def _save_code(c: Connection, row: Mapping[str, Any], code_hash: str, now: int) -> None:
    """Let the code of a campaign for everybody be this one and no other, by the newest version's terms."""
    campaign_id, standing = row["campaign_id"], _coupon(c, code_hash)
    if standing is not None and standing["campaign_id"] != campaign_id:
        raise Conflict(f"the code {row['code']} belongs to another campaign; choose another code")
    c.execute(
        "update coupons set ends_at = min(ends_at, ?) where campaign_id = ? and identity is null and code_hash <> ?",
        (now, campaign_id, code_hash),
    )
    kept = {
        "code_hash": code_hash, "campaign_id": campaign_id, "version": row["version"], "identity": None, "value": row["value"],
        "reserved_micros": 0, "currency": row["currency"], "issued_at": standing["issued_at"] if standing else now,
        "ends_at": row["ends_at"], "is_used": False,
    }  # fmt: skip
    upsert(c, "coupons", kept)


def _newest(c: Connection, campaign_id: str) -> Row | None:
    return next(iter(named_rows(c, _NEWEST, (campaign_id,))), None)


def _version(c: Connection, campaign_id: str, version: int) -> Campaign:
    statement = "select * from coupon_campaigns where campaign_id = ? and version = ?"
    return campaign_of(named_rows(c, statement, (campaign_id, version))[0])


# codes ---------------------------------------------------------------------------------------------------------------


def _issue(c: Connection, row: Mapping[str, Any], now: int, replaces: bool) -> Issued:
    names = _names(c, row["identity"])
    campaign_id = row["campaign_id"]
    mine = named_rows(
        c, f"select * from coupons where campaign_id = ? and identity in ({marks(names)}) and {_OPEN} order by ends_at",
        (campaign_id, *names, now),
    )  # fmt: skip
    if mine:
        return _kept(c, mine[0], row["code_hash"], replaces)
    refusal = _no_more(c, row, names, now)
    if refusal is not None:
        return Issued(None, refusal=refusal)
    c.execute(f"insert into coupons ({', '.join(row)}) values ({marks(list(row))})", tuple(row.values()))
    return Issued(dict(row), is_new=True)


def _kept(c: Connection, mine: Row, code_hash: str, replaces: bool) -> Issued:
    """Keep the open code, or exchange it; uses given back stay with it, so that an order cannot be told twice."""
    if not replaces:
        return Issued(mine)
    for table in ("coupons", "coupon_uses"):
        c.execute(f"update {table} set code_hash = ? where code_hash = ?", (code_hash, mine["code_hash"]))
    return Issued({**mine, "code_hash": code_hash}, is_new=True)


def _no_more(c: Connection, row: Mapping[str, Any], names: Sequence[str], now: int) -> CouponRefusal | None:
    campaign_id = row["campaign_id"]
    newest = _newest(c, campaign_id)
    if newest is None:
        return CouponRefusal.UNKNOWN
    if not newest["is_active"]:
        return CouponRefusal.TAKEN_BACK
    [n_given] = c.execute(
        "select count(*) from coupons where campaign_id = ? and (ends_at > ? or is_used)", (campaign_id, now)
    ).fetchone()
    is_full = newest["max_uses"] is not None and n_given >= newest["max_uses"]
    if is_full or _n_of_person(c, campaign_id, names) >= newest["per_person"]:
        return CouponRefusal.USED_UP
    spent = _given(c, campaign_id) + _reserved(c, campaign_id, now)
    return CouponRefusal.BUDGET_SPENT if spent + row["reserved_micros"] > newest["budget_micros"] else None


def _coupon(c: Connection, code_hash: str) -> Row | None:
    return next(iter(named_rows(c, "select * from coupons where code_hash = ?", (code_hash,))), None)


def _names(c: Connection, identity: str | None) -> list[str]:
    """Name every identity of the person; nobody where nobody is named."""
    return [] if identity is None else [name for name, _ in members(c, identity)[1]]


# uses ----------------------------------------------------------------------------------------------------------------


def _redeem(c: Connection, code_hash: str, order_id: str, identity: str | None, cart: Cart, now: int) -> Redeemed:
    before = _use(c, code_hash, order_id)
    if before is not None:
        is_back = before["released_at"] is not None
        return Redeemed(None if is_back else before, refusal=CouponRefusal.RELEASED if is_back else None)
    code = _coupon(c, code_hash)
    if code is None:
        return Redeemed(None, refusal=CouponRefusal.UNKNOWN)
    granted = judge(cart, _standing(c, code, order_id, _names(c, identity), now), instant(now))
    if not isinstance(granted, Granted):
        return Redeemed(None, refusal=granted)
    use = {
        "code_hash": code_hash, "order_id": order_id, "campaign_id": code["campaign_id"], "version": code["version"],
        "identity": identity, "discount_micros": granted.discount.to_micros(), "currency": code["currency"],
        "n_unknown_costs": granted.n_unknown_costs, "redeemed_at": now, "released_at": None,
    }  # fmt: skip
    c.execute(f"insert into coupon_uses ({', '.join(use)}) values ({marks(list(use))})", tuple(use.values()))
    if code["identity"] is not None:
        c.execute("update coupons set is_used = true where code_hash = ?", (code_hash,))
    return Redeemed(use, is_new=True)


def _standing(c: Connection, code: Row, order_id: str, names: Sequence[str], now: int) -> Standing:
    campaign_id, is_personal = code["campaign_id"], code["identity"] is not None
    newest = campaign_of(named_rows(c, _NEWEST, (campaign_id,))[0])  # campaigns are never deleted
    terms = _version(c, campaign_id, code["version"])
    held = Held(terms, decimal(code["value"]), instant(code["ends_at"]), is_personal)
    spent = _given(c, campaign_id) + _reserved(c, campaign_id, now, code["code_hash"])
    return Standing(
        held, newest, not is_personal or code["identity"] in names, _n_uses(c, code["code_hash"]),
        _n_of_person(c, campaign_id, names), _amount(spent), _on_order(c, order_id),
    )  # fmt: skip


def _release(c: Connection, code_hash: str, order_id: str, now: int) -> Redeemed:
    use = _use(c, code_hash, order_id)
    if use is None or use["released_at"] is not None:
        return Redeemed(use)
    c.execute("update coupon_uses set released_at = ? where id = ?", (now, use["id"]))
    newest = _newest(c, use["campaign_id"])
    if newest is not None:  # others may hold by now what was freed by its use
        others = _given(c, use["campaign_id"]) + _reserved(c, use["campaign_id"], now, code_hash)
        c.execute(
            "update coupons set is_used = false, reserved_micros = min(reserved_micros, ?) where code_hash = ?",
            (max(newest["budget_micros"] - others, 0), code_hash),
        )
    return Redeemed({**use, "released_at": now}, is_new=True)


def _use(c: Connection, code_hash: str, order_id: str) -> Row | None:
    statement = "select * from coupon_uses where code_hash = ? and order_id = ?"
    return next(iter(named_rows(c, statement, (code_hash, order_id))), None)


def _on_order(c: Connection, order_id: str) -> list[tuple[Campaign, Decimal]]:
    rows = c.execute(
        f"select campaign_id, version, discount_micros from coupon_uses where order_id = ? and {_STANDS}", (order_id,)
    ).fetchall()
    return [(_version(c, campaign_id, version), _amount(off)) for campaign_id, version, off in rows]


def _n_uses(c: Connection, code_hash: str) -> int:
    statement = f"select count(*) from coupon_uses where code_hash = ? and {_STANDS}"
    return int(c.execute(statement, (code_hash,)).fetchone()[0])


def _n_of_person(c: Connection, campaign_id: str, names: Sequence[str]) -> int:
    statement = f"select count(*) from coupon_uses where campaign_id = ? and identity in ({marks(names)}) and {_STANDS}"
    return int(c.execute(statement, (campaign_id, *names)).fetchone()[0])


# the budget ----------------------------------------------------------------------------------------------------------


def _given(c: Connection, campaign_id: str) -> int:
    statement = f"select coalesce(sum(discount_micros), 0) from coupon_uses where campaign_id = ? and {_STANDS}"
    return int(c.execute(statement, (campaign_id,)).fetchone()[0])


def _reserved(c: Connection, campaign_id: str, now: int, aside: str = "") -> int:
    """Sum up what open codes hold, one of them aside."""
    statement = (
        f"select coalesce(sum(reserved_micros), 0) from coupons where campaign_id = ? and code_hash <> ? and {_OPEN}"
    )
    return int(c.execute(statement, (campaign_id, aside, now)).fetchone()[0])


def _amount(amount: int) -> Decimal:
    return Decimal(amount) / MICROS
