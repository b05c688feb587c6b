"""The customer's own answer to a sale somebody made with them: asked by a link, shown in full, kept for good."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from hmac import compare_digest
from typing import Any

import msgspec

from crosslift.domain.agent import ConfirmationAnswer, ConfirmationMethod
from crosslift.domain.money import Money
from crosslift.domain.offer import Offer
from crosslift.domain.sale import OrderStatus
from crosslift.errors import BadUsage, NotFound, Refused
from crosslift.measure.guard_sales import price_of_line, price_of_period
from crosslift.settings import Settings
from crosslift.shop import facts
from crosslift.shop.customers import as_identity
from crosslift.shop.offers import Offers
from crosslift.shop.promises import Promises
from crosslift.shop.sold import amount, told
from crosslift.store.offer_rows import offer_of
from crosslift.store.ports import Records

Row = dict[str, Any]
CONFIRM_WITHIN = timedelta(days=7)
_STAMP = 16
_SHOWN = ("product", "title", "lines", "total", "total_includes_tax", "terms", "cancellation", "guarantee")


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """What a token asks a customer about; the sale itself is read anew when they answer."""

    customer: str
    source: str | None
    order: str | None
    line: str | None
    subscription: str | None
    decision: str | None
    product: str | None
    agent: str | None
    wording: str
    language: str
    at: int
    content: bytes


class Confirmations:
    """The confirmations of one shop.

    Parameters
    ----------
    records : Records
        Sales, and the answers.
    offers, promises : Offers, Promises
        What the price lines and terms of a sale are.
    settings : Settings
        Of it the language, and whether prices include tax.
    clock : callable
        Gives the present instant.
    key : bytes
        The shop's own secret, which signs what a customer answers with.
    """

    def __init__(
        self, records: Records, offers: Offers, promises: Promises, settings: Settings, clock: Callable[[], datetime],
        key: bytes,
    ) -> None:  # fmt: skip
        self._records = records
        self._offers = offers
        self._promises = promises
        self._settings = settings
        self._clock = clock
        self._key = key

    def record(self, entries: Sequence[Mapping[str, Any]]) -> Row:
        """Append answers that came by a process of the merchant's own, as a confirmations file has them.

        Raises
        ------
        BadInput
            Naming the entry and the field; nothing is kept then.
        """
        return facts.put_facts(self._records, self._settings, self._clock(), "confirmations", entries)

    def ask(
        self, customer: str, wording: str, *, order: str | None = None, line: str | None = None, source: str | None = None,
        subscription: str | None = None, decision: str | None = None, product: str | None = None, agent: str | None = None,
        language: str | None = None,
    ) -> Row:  # fmt: skip
        """Make the token for the link in the message that asks a customer whether they want what was sold to them.

        Parameters
        ----------
        wording : str
            The sentence the customer says yes to.
        order, line, source : str, optional
            An order, or one line of it; `source` where several systems have an order of that id.
        subscription : str, optional
            A contract.
        decision, product : str, optional
            An offer of a decision, before it is sold.
        agent : str, optional
            Who sold it.

        Returns
        -------
        dict
            token, which holds for seven days, and `content`: what has to be shown beside the question, in full.

        Raises
        ------
        BadUsage
            If it is not exactly one of order, subscription and decision.
        NotFound
            If nobody knows the sale.
        Refused
            If it was sold to somebody else.
        """
        if sum(one is not None for one in (order, subscription, decision)) != 1:
            raise BadUsage(
                "name what is to be confirmed: an order, a subscription or a decision, and one of them alone"
            )
        tongue = language or self._settings["shop.language"]
        at = int(self._clock().timestamp() * 1_000_000)
        asked = Asked(customer, source, order, line, subscription, decision, product, agent, wording, tongue, at, b"")
        if order is not None:
            asked = msgspec.structs.replace(asked, source=self._lines(asked)[0]["source"])
        content = self._content(asked)
        body = msgspec.msgpack.encode(msgspec.structs.replace(asked, content=_hash(content)))
        return {"token": base64.urlsafe_b64encode(self._stamp(body) + body).decode().rstrip("="), "content": content}

    def show(self, token: str) -> Row:
        """Give what a token asks about, for the page the link leads to: wording, content, and the answer if there is one.

        Raises
        ------
        Refused
            If the token is not ours, was altered, has expired, or what was sold has changed since it was asked about.
        """
        asked, body = self._read(token)
        content = self._content_as_asked(asked)
        return {
            "customer_id": asked.customer,
            "wording": asked.wording,
            "content": content,
            "answer": self._given(body),
        }

    def confirm(self, token: str, answer: str = ConfirmationAnswer.YES) -> Row:
        """Keep the customer's answer with what they were shown; the same answer once more changes nothing.

        Parameters
        ----------
        answer : str
            yes; or no: they did not want it, which the guard shows at once.

        Raises
        ------
        BadUsage
            For another answer.
        Refused
            As `show`; or if it was answered otherwise before: a token is good for one answer.
        """
        if answer not in set(ConfirmationAnswer):
            raise BadUsage(f"answer = {answer!r}: a customer says {' or '.join(ConfirmationAnswer)}")
        asked, body = self._read(token)
        content = self._content_as_asked(asked)
        name, before = self._id(body), self._given(body)
        if before is None:
            row = {
                "confirmation_id": name, "customer_id": asked.customer, "answer": answer, "source": asked.source,
                "order_id": asked.order, "line_id": asked.line, "subscription_id": asked.subscription,
                "decision_id": asked.decision, "product_id": asked.product, "agent_id": asked.agent,
                "method": ConfirmationMethod.LINK.value, "wording": asked.wording, "content": content,
                "proof": f"link asked at {asked.at}", "at": self._clock().isoformat(),
            }  # fmt: skip
            self.record([{field: value for field, value in row.items() if value is not None}])
            before = self._given(body)
        if before != answer:
            raise Refused(f"this was answered with {before} already; ask again if the customer thinks otherwise now")
        return {"confirmation_id": name, "customer_id": asked.customer, "answer": answer, "content": content}

    def _content_as_asked(self, asked: Asked) -> Row:
        content = self._content(asked)
        if not compare_digest(_hash(content), asked.content):
            raise Refused(
                "what was sold has changed since this was asked; ask again, so that the customer sees all of it"
            )
        return content

    def _content(self, asked: Asked) -> Row:
        """Write down what is confirmed: each product with its price lines, the totals, the terms; in one language."""
        if asked.decision is not None:
            lines = [self._offered(asked, asked.decision)]
        elif asked.subscription is not None:
            lines = [self._contract(asked, asked.subscription)]
        else:
            lines = self._order(asked)
        return {"language": asked.language, "lines": lines}

    def _offered(self, asked: Asked, decision: str) -> Row:
        promise = self._promises.make(decision, asked.product)
        found = self._records.decision(decision)
        if found is not None and found[0]["identity"] is not None:
            self._check_owner({str(found[0]["identity"])}, asked, f"decision {decision}")
        shown = self._promises.shown(promise, asked.language)
        return {**{name: shown[name] for name in _SHOWN}, **shown["total"]}

    def _order(self, asked: Asked) -> list[Row]:
        rows = self._lines(asked)
        owners = {f"customer:{row['customer_id']}" for row in rows if row["customer_id"] is not None}
        self._check_owner(owners, asked, f"order {asked.order!r}")
        is_taxed = self._settings["shop.prices_include_tax"]
        return [
            {"line_id": row["line_id"], "quantity": row["quantity"],
             **self._sold(row, price_of_line(row, is_taxed=is_taxed), asked.language, title=row["title"])}
            for row in rows
        ]  # fmt: skip

    def _lines(self, asked: Asked) -> list[Row]:
        """Read the lines of an order that are asked about, all of one source."""
        wanted = (
            "source", "line_id", "customer_id", "product_id", "title", "quantity", "unit_price_micros", "currency",
            "discount_micros", "tax_micros", "status",
        )  # fmt: skip
        found = self._records.table("order_lines", wanted, "order_id = ?", (asked.order,)).to_pylist()
        rows = [
            row for row in found
            if asked.source in (None, row["source"]) and asked.line in (None, row["line_id"])
            and asked.product in (None, row["product_id"]) and row["quantity"] > 0 and row["status"] == OrderStatus.PLACED
        ]  # fmt: skip
        if not rows:
            raise NotFound(f"no order {asked.order!r} with such a line; collect it before you ask about it")
        sources = sorted({row["source"] for row in rows})
        if len(sources) > 1:
            raise BadUsage(f"order {asked.order!r} is one of {' and of '.join(sources)}; name its source")
        return sorted(rows, key=lambda row: str(row["line_id"]))

    def _contract(self, asked: Asked, subscription: str) -> Row:
        wanted = ("customer_id", "product_id", "quantity", "recurring_price_micros", "currency", "period", "started_at")
        found = self._records.table("subscriptions", wanted, "subscription_id = ?", (subscription,)).to_pylist()
        if not found:
            raise NotFound(f"no subscription {subscription!r}; collect it before you ask about it")
        [row] = found
        owners = {f"customer:{row['customer_id']}"} if row["customer_id"] is not None else set()
        self._check_owner(owners, asked, f"subscription {subscription!r}")
        began = {"quantity": row["quantity"], "started_at": row["started_at"]}
        return {**began, **self._sold(row, price_of_period(row), asked.language, period=row["period"])}

    def _sold(
        self, row: Mapping[str, Any], micros: int | None, language: str, title: str | None = None,
        period: str | None = None,
    ) -> Row:  # fmt: skip
        """Write one sold product with the price lines and terms of the offer it is sold under; `amount` is what it costs.

        Of a contract `amount` is that of one period, `total` what its offer says is paid in all over the first term.
        """
        product, offer = row["product_id"], self._offer_of(row["product_id"])
        named = offer.title(language) if offer is not None else self._title(product, language) or title or product
        began = {"product": product, "title": named, "period": period}
        if micros is None:
            return {**began, "amount": None, "currency": row["currency"]}
        price = Money.from_micros(micros, row["currency"])
        in_all = offer.pays if period is not None and offer is not None and offer.pays is not None else price
        shown = told(offer, in_all, language, is_taxed=self._settings["shop.prices_include_tax"])
        if offer is None:
            shown["lines"] = [{**line, "period": period} for line in shown["lines"]]
        return {**began, **{name: shown[name] for name in _SHOWN if name in shown}, **amount(price)}

    def _offer_of(self, product: str) -> Offer | None:
        """Give the offer of the library a product is sold under, the first by id where there are several."""
        offers = (offer_of(row) for row in self._records.offers() if product in (row["product_id"], row["offer_id"]))
        return next((one for one in offers if one.is_active), None)

    def _title(self, product: str, language: str) -> str | None:
        found = self._records.table("products", ["title", "titles"], "product_id = ?", (product,)).to_pylist()
        titles = msgspec.json.decode(found[0]["titles"] or "{}") if found else {}
        return titles.get(language.partition("-")[0]) or (found[0]["title"] if found else None)

    def _check_owner(self, owners: set[str], asked: Asked, what: str) -> None:
        """Refuse to ask somebody about what was sold or shown to another person."""
        who = as_identity(asked.customer)
        if owners - {who, *self._records.person(who).identities}:
            raise Refused(f"{what} is not that of customer {asked.customer!r}; ask the customer it was sold to")

    def _given(self, body: bytes) -> str | None:
        """Give the answer that a token was answered with, None where it was not yet."""
        where, value = "confirmation_id = ?", (self._id(body),)
        found = self._records.table("confirmations", ["answer"], where, value).column("answer").to_pylist()
        return str(found[0]) if found else None

    def _id(self, body: bytes) -> str:
        return "link-" + blake2b(body, digest_size=16, key=self._key, person=b"confirmation id").hexdigest()

    def _read(self, token: str) -> tuple[Asked, bytes]:
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            raise Refused("this is no confirmation of ours; follow the link as it came") from None
        stamp, body = raw[:_STAMP], raw[_STAMP:]
        if not compare_digest(stamp, self._stamp(body)):
            raise Refused("this confirmation was altered or is of another shop; follow the link as it came")
        asked = msgspec.msgpack.decode(body, type=Asked)
        if int(self._clock().timestamp() * 1_000_000) - asked.at > CONFIRM_WITHIN // timedelta(microseconds=1):
            raise Refused("this question has expired; ask again, the link in the new message will work")
        return asked, body

    def _stamp(self, body: bytes) -> bytes:
        return blake2b(body, digest_size=_STAMP, key=self._key, person=b"confirmation").digest()


def _hash(content: Row) -> bytes:
    return blake2b(msgspec.json.encode(content, order="sorted"), digest_size=16).digest()
