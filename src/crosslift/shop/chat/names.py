"""The names a chat knows: products and pages of the catalog, brought up to date by changes.

A page is a row of the catalog of kind `content`: its titles, its address in `url`, and among its attributes the `answer` (or
`answer_ko`, `answer_ja`, `answer_en`), the `topic` it answers (delivery, returns), the product or `category:` it is `about`, and
further `keywords`, separated by commas. Pages that are only read of in events are known by what those say.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from crosslift.decide.knowledge import Knowledge
from crosslift.deliver.answering.naming import Mention, Titles
from crosslift.domain.catalog import ProductKind
from crosslift.store.ports import Records

COLUMNS = ("product_id", "title", "titles", "kind", "parent_id", "url", "attributes", "category")
CHUNK, WHOLE = 500, 5_000
ANSWER, TOPIC, ABOUT, KEYWORDS = "answer", "topic", "about", "keywords"


@dataclass(frozen=True, slots=True)
class Named:
    """A product or page: titles by language, the plain one under ``""``; its address."""

    id: str
    titles: Mapping[str, str]
    url: str | None = None
    category: str | None = None
    attributes: Mapping[str, Any] | None = None

    def title(self, language: str) -> str:
        """Give its title in a language, else the plain one, else its id."""
        return (
            self.titles.get(language) or self.titles.get(language.partition("-")[0]) or self.titles.get("") or self.id
        )

    def said(self, name: str, language: str) -> str | None:
        """Give a text among its attributes: in the language, else the plain one, else in English, else in whatever there is."""
        told = self.attributes or {}
        for key in (f"{name}_{language.partition('-')[0]}", name, f"{name}_en", f"{name}_ko", f"{name}_ja"):
            if isinstance(told.get(key), str) and told[key].strip():
                return str(told[key]).strip()
        return None


class Names:
    """The names of one shop.

    Parameters
    ----------
    records : Records
        Where the catalog is.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._lock = threading.Lock()
        self._number = -1
        self._snapshot = ""
        self._named: dict[str, Named] = {}
        self._pages: dict[str, Named] = {}
        self._read_of: dict[str, Named] = {}
        self._products, self._content = Titles(), Titles()

    def refresh(self, knowledge: Knowledge) -> None:
        """Read what changed in the catalog since the last question, and the pages of a new snapshot. Safe from any thread."""
        with self._lock:
            number, rows = self._records.live_since(self._number)
            if rows:
                for row in self._read([one[0] for one in rows]):
                    self._put(row)
            self._number = number
            if knowledge.snapshot_id != self._snapshot:
                self._snapshot = knowledge.snapshot_id
                self._read_pages(knowledge)

    def find(self, product_id: str) -> Named | None:
        """Look a product up."""
        return self._named.get(product_id)

    def page(self, page_id: str) -> Named | None:
        """Look a page up."""
        return self._pages.get(page_id) or self._read_of.get(page_id)

    def pages(self) -> Sequence[Named]:
        """Give the pages of the catalog, by id."""
        return [self._pages[name] for name in sorted(self._pages)]

    def products_in(self, text: str) -> list[Mention]:
        """Find the products a text names."""
        with self._lock:
            return self._products.mentions(text)

    def pages_in(self, text: str) -> list[Mention]:
        """Find the pages a text names."""
        with self._lock:
            return self._content.mentions(text)

    def _read(self, ids: Sequence[str]) -> Iterable[Mapping[str, Any]]:
        if len(ids) >= WHOLE:
            yield from self._records.table("products", COLUMNS, "", ()).to_pylist()
            return
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            where = f"product_id in ({', '.join('?' * len(chunk))})"
            yield from self._records.table("products", COLUMNS, where, chunk).to_pylist()

    def _put(self, row: Mapping[str, Any]) -> None:
        name, kind = row["product_id"], ProductKind(row["kind"])
        titles = {"": row["title"] or "", **_object(row["titles"])}
        one = Named(name, titles, row["url"], row["category"], _object(row["attributes"]))
        if kind is ProductKind.CONTENT:
            self._pages[name] = one
            keywords = one.said(KEYWORDS, "") or ""
            self._content.put(
                name, [*titles.values(), *(word.strip() for word in keywords.split(","))], by_number=False
            )
        elif kind.is_sellable:
            self._named[name] = one
            self._products.put(name, () if row["parent_id"] else titles.values())

    def _read_pages(self, knowledge: Knowledge) -> None:
        """Know the pages people read by the titles their events had; those of the catalog are known better."""
        table = knowledge.links("content")
        for name in self._read_of.keys() - self._pages.keys():
            self._content.drop(name)
        self._read_of = {}
        for key in table.keys or ():
            rows = table.rows_of_key(key)
            title = table.evidence(rows[0]).get("title") if len(rows) else None
            if key not in self._pages and title:
                self._read_of[key] = Named(key, {"": str(title)})
                self._content.put(key, [str(title)], by_number=False)


def _object(text: str | None) -> Mapping[str, Any]:
    if not text or text == "{}":
        return {}
    found = msgspec.json.decode(text)
    return found if isinstance(found, dict) else {}
