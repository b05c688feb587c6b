"""The shop's voice and look as its settings say, and what of its offers and products is not like that."""

from pathlib import Path
from typing import Any

import msgspec

from crosslift.domain.brand import DARK, LIGHT, Brand, address_of, as_css, by_key, theme_of
from crosslift.errors import BadInput, Refused
from crosslift.settings import Settings
from crosslift.store.offer_rows import offer_of
from crosslift.store.ports import Records
from crosslift.wording import brand as lint
from crosslift.wording.ethics import Finding


def brand_of(settings: Settings, home: Path) -> Brand:
    """Read the brand out of the settings, and its list of what was approved.

    Raises
    ------
    BadInput
        Naming the setting that cannot be read.
    """
    flags = by_key(settings["brand.image_flags"], "brand.image_flags")
    return Brand(
        by_key(settings["brand.forbidden_words"], "brand.forbidden_words"),
        by_key(settings["brand.required_words"], "brand.required_words"),
        address_of(settings["brand.address"], "brand.address"),
        {market: frozenset(words) for market, words in flags.items()},
        _approved(settings["brand.approved_file"], home),
        theme_of(settings["brand.theme"], LIGHT, "brand.theme"),
        theme_of(settings["brand.theme_dark"], DARK, "brand.theme_dark"),
    )


def _approved(name: str, home: Path) -> frozenset[str] | None:
    """Read what was approved: one text or picture address a line; # begins a remark."""
    if not name:
        return None
    path = home / name
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the list of what was approved cannot be read: {error}", where=str(path)) from error
    return frozenset(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))


class Brands:
    """The brand of one shop.

    Parameters
    ----------
    settings : Settings
        What it says.
    home : Path
        The shop's folder, where the list of what was approved is.
    records : Records
        Of it offers and pictures of products.
    """

    def __init__(self, settings: Settings, home: Path, records: Records) -> None:
        self._settings = settings
        self._home = home
        self._records = records

    @property
    def brand(self) -> Brand:
        """The brand as it stands now; the list of what was approved is read anew."""
        return brand_of(self._settings, self._home)

    def of_offer(self, offer: Any) -> list[Finding]:
        """Find what an offer says or shows that the brand does not."""
        shown = {}
        if offer.product_id is not None:
            where = "product_id = ?"
            rows = self._records.table("products", ("image", "attributes"), where, (offer.product_id,)).to_pylist()
            shown = {
                row["image"] or "": flags_of(row["attributes"])
                for row in rows
                if row["image"] or flags_of(row["attributes"])
            }
        return lint.of_offer(offer, self.brand, shown)

    def of_policy(self, policy: Any) -> list[Finding]:
        """Find what the goals and bars of a policy say that the brand does not."""
        return lint.of_policy(policy, self.brand)

    def findings(self) -> list[Finding]:
        """Look at the theme, every offer in force, and every picture of the catalog."""
        brand = self.brand
        found = lint.of_theme(brand)
        for offer in map(offer_of, self._records.offers()):
            found += self.of_offer(offer) if offer.is_active else []
        if brand.image_flags or brand.approved is not None:
            rows = self._records.table("products", ("product_id", "image", "attributes"), "", ()).to_pylist()
            for row in rows:
                where = f"product {row['product_id']}.image"
                found += lint.of_image(row["image"] or "", flags_of(row["attributes"]), (), where, brand)
        return found

    def css(self) -> str:
        """Write the theme as a style sheet.

        Raises
        ------
        Refused
            Naming colors that cannot be told apart well enough, and what to do.
        """
        brand = self.brand
        found = lint.of_theme(brand)
        if found:
            raise Refused("; ".join(map(str, found)))
        return as_css(brand)


def flags_of(attributes: str | None) -> tuple[str, ...]:
    """Read what a product's picture shows out of its attributes: a list, or words with commas between them."""
    if not attributes or lint.FLAGS not in attributes:
        return ()
    told = msgspec.json.decode(attributes).get(lint.FLAGS)
    listed = told if isinstance(told, list) else str(told or "").split(",")
    return tuple(flag for one in listed if (flag := str(one).strip()))
