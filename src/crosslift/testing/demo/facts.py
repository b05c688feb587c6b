"""What the merchant's catalog says of a product beyond its shelf: what it needs, is used up, keeps until, since when.

`requires` is a rule, as catalogs state them: something of that category whose value of `match` is the product's own
(`filter_size` cone-02 needs filters of cone-02). Where a shelf holds more than what is needed, the other's attribute has
a name of its own: a machine's `portafilter_mm` is matched by the `tamper_mm` that tampers alone have.
"""

from dataclasses import dataclass

from crosslift.testing.demo.item import Item


@dataclass(frozen=True, slots=True)
class Rule:
    """Needs something of a category whose attribute `theirs` (where not named, the same) agrees with the own `mine`."""

    category: str
    mine: str
    theirs: str = ""

    def written(self) -> dict[str, object]:
        """Give the rule as the catalog file has it."""
        return {"category": self.category, "match": {self.mine: self.theirs} if self.theirs else self.mine}

    def size_of(self, item: Item) -> object:
        """Give the size by which a product serves this rule; None where it does not, whatever its size."""
        return {**item.attributes, **sizes_of(item)}.get(self.theirs or self.mine) if self.lists(item) else None

    def lists(self, item: Item) -> bool:
        """Tell whether a product stands on the shelf that the rule names."""
        return item.category == self.category


#: What a product of each need cannot be used without.
REQUIRES_BY_NEED = {
    "dripper": Rule("pour-over/filters", "filter_size"),
    "air-press": Rule("immersion/presses", "filter_size", "paper_size"),
    "syphon": Rule("immersion/presses", "filter_size", "paper_size"),
    "espresso-machine": Rule("espresso/tools", "portafilter_mm", "tamper_mm"),
    "moka-pot": Rule("moka/parts", "cups"),
}
#: Attributes that rules match, by the beginning of the id: their name, and the attribute they repeat.
SIZES = {
    "FLT-AER": ("paper_size", "filter_size"),
    "FLT-SYP": ("paper_size", "filter_size"),
    "TMP-": ("tamper_mm", "portafilter_mm"),
}
NO_PAPER = frozenset({"FLT-AER-MTL"})

#: Used up and bought again, by category or by the beginning of the id.
USED_UP = ("pour-over/filters", "beans/", "cafe/disposables", "pantry/sweet")
USED_UP_IDS = ("DSC-", "CLN-TABS", "CLN-POWDER", "CLN-MILK", "WTR-CART", "GRD-TABS", "CLD-BAGS", "FLT-AER", "FLT-SYP")
LASTING = frozenset({"SYR-PUMP", "FLT-AER-MTL", "FLT-NEL"})

#: Keeps until this day. The demo's last day is 2026-10-31: four are near it, one is past.
BEST_BEFORE = {
    "BEAN-RWA-HUY": "2026-11-12",
    "BEAN-CRI-TAR": "2026-11-21",
    "BSC-ALMOND": "2026-11-08",
    "CHO-DARK": "2026-11-26",
    "DBG-DECAF": "2026-10-12",
    "OAT-CASE": "2027-01-31",
    "STK-INSTANT": "2027-08-31",
    "SYR-HAZEL": "2027-03-15",
}
#: On the shelf since this day, of what hardly moves.
IN_STOCK_SINCE = {
    "TRV-350": "2025-03-10",
    "TRV-500": "2025-03-10",
    "TRV-CERAMIC": "2025-06-02",
    "TRV-POCKET": "2025-09-15",
}
#: How much a grinder grinds from one calibration to the next.
SERVICE_EVERY: dict[str, dict[str, object]] = {
    product_id: {"value": 10, "unit": "kg", "product": "CHK-GRD"} for product_id in ("GRD-E-ESP", "GRD-E-PRO64")
}


def facts_of(item: Item) -> dict[str, object]:
    """Give what the catalog file adds to a product's own attributes.

    Examples
    --------
    >>> from crosslift.testing.demo.catalog import get_item
    >>> facts_of(get_item("DRP-V60-02"))
    {'requires': [{'category': 'pour-over/filters', 'match': 'filter_size'}]}
    """
    facts: dict[str, object] = {}
    rule = REQUIRES_BY_NEED.get(item.need or "")
    if rule and rule.mine in item.attributes:
        facts["requires"] = [rule.written()]
    facts |= sizes_of(item)
    if is_consumable(item):
        facts["consumable"] = True
    if item.product_id in BEST_BEFORE:
        facts["best_before"] = BEST_BEFORE[item.product_id]
    if item.product_id in IN_STOCK_SINCE:
        facts["in_stock_since"] = IN_STOCK_SINCE[item.product_id]
    if item.product_id in SERVICE_EVERY:
        facts["service_every"] = dict(SERVICE_EVERY[item.product_id])
    return facts


def sizes_of(item: Item) -> dict[str, object]:
    """Give the sizes by which a part is asked for."""
    if item.product_id in NO_PAPER:
        return {}
    return {
        name: item.attributes[repeated]
        for prefix, (name, repeated) in SIZES.items()
        if item.product_id.startswith(prefix)
    }


def is_consumable(item: Item) -> bool:
    """Tell whether a product is used up."""
    used_up = item.category.startswith(USED_UP) or item.product_id.startswith(USED_UP_IDS)
    return used_up and item.product_id not in LASTING
