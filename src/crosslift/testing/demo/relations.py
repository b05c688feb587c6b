"""What goes with what in the demo shop, by design: read by the process, whose draws are counted for the truth."""

from collections.abc import Iterator
from dataclasses import dataclass

from crosslift.testing.demo.catalog import CATALOG
from crosslift.testing.demo.item import Item

#: Who takes the first, takes each of the others in the same basket with this probability, whatever else is in it.
COMPANIONS: dict[str, dict[str, float]] = {
    # pour-over: dripper, server, scale, kettle
    "DRP-V60-01": {"SRV-300": 0.22, "KTL-MINI-350": 0.12, "SPN-MEASURE": 0.10},
    "DRP-V60-02": {"SRV-600": 0.30, "SCL-TIMER": 0.14, "KTL-GN-900": 0.12, "SPN-MEASURE": 0.08, "BOOK-POUR": 0.05},
    "DRP-V60-03": {"SRV-800": 0.30},
    "DRP-V60-02-PL": {"SRV-600": 0.16, "KTL-MINI-350": 0.12, "SCL-BASIC": 0.12},
    "DRP-V60-02-GL": {"SRV-WOOD-600": 0.26, "KTL-EL-900": 0.12},
    "DRP-V60-02-CU": {"KTL-COPPER-700": 0.22, "STD-DRIP-WD": 0.14},
    "DRP-FLAT-155": {"SRV-300": 0.20, "KTL-GN-600": 0.12},
    "DRP-FLAT-185": {"SRV-600": 0.16, "SCL-TIMER": 0.12, "KTL-EL-800": 0.10},
    "DRP-TRAP-102": {"SRV-600": 0.14, "KTL-GN-600": 0.12},
    "DRP-PLEAT-M": {"SRV-DBL-500": 0.22, "STD-DRIP-WD": 0.12},
    "DRP-STEEP-03": {"SRV-800": 0.16},
    "DRP-GLASS-6": {"KTL-EL-900": 0.18, "TRY-WOOD": 0.10},
    "DRP-FOLD": {"GRD-H-TRAVEL": 0.18, "BAG-BREW": 0.16},
    "KTL-EL-800": {"SCL-TIMER": 0.14},
    "KTL-EL-900": {"SCL-PRO": 0.12},
    "KTL-GN-900": {"THM-DIGITAL": 0.16},
    "KTL-GN-600": {"THM-DIGITAL": 0.12},
    "FLT-02-ABA": {"BEAN-PAN-GEI": 0.10, "FLT-CASE": 0.10},
    "BEAN-PAN-GEI": {"BOOK-NOTES": 0.14},
    "BEAN-COL-GEI": {"BOOK-NOTES": 0.12},
    "BOOK-POUR": {"CLS-POUR": 0.14},
    # grinding
    "GRD-H-38": {"GRD-BRUSH": 0.18, "CAN-VAC-500": 0.10},
    "GRD-H-48": {"GRD-BRUSH": 0.16, "SCL-TIMER": 0.14},
    "GRD-H-TRAVEL": {"BAG-BREW": 0.16, "AER-GO": 0.12},
    "GRD-E-ENTRY": {"GRD-TABS": 0.18, "CAN-VAC-500": 0.14},
    "GRD-E-QUIET": {"GRD-TABS": 0.14, "CAN-VAC-1200": 0.14},
    "GRD-E-54": {"GRD-TABS": 0.16, "WAR-GRD-2Y": 0.14, "CAN-VAC-1200": 0.10},
    "GRD-E-ESP": {"GRD-CUP": 0.20, "WAR-GRD-2Y": 0.16, "SCL-ESP": 0.14},
    "GRD-E-PRO64": {"GRD-CUP": 0.22, "WAR-GRD-2Y": 0.20},
    # espresso
    "ESP-MINI-51": {"PIT-350": 0.18, "MAT-TAMP": 0.12, "WAR-ESP-2Y": 0.10},
    "ESP-LEVER-51": {"SHT-GLASS": 0.20, "CUP-ESP-2": 0.18},
    "ESP-HOME-54": {"PIT-350": 0.18, "KNB-S": 0.18, "WAR-ESP-2Y": 0.18, "BOOK-ESP": 0.08},
    "ESP-HOME-58": {"PIT-350": 0.18, "KNB-S": 0.20, "WAR-ESP-2Y": 0.20, "MAT-TAMP": 0.16, "DSC-POWDER": 0.12},
    "ESP-DUAL-58": {"WAR-ESP-2Y": 0.30, "TMP-58-SPRING": 0.24, "WTR-CART": 0.24, "PTF-58-BTL": 0.20},
    "ESP-CAPSULE": {"CAP-LUNGO": 0.34, "CAP-RIST": 0.30, "DSC-LIQUID": 0.14},
    "CAP-LUNGO": {"CAP-RIST": 0.30},
    "TMP-58": {"MAT-TAMP": 0.20, "DST-58": 0.16},
    "TMP-54": {"MAT-TAMP": 0.18, "DST-54": 0.20},
    "TMP-58-SPRING": {"STN-TAMP": 0.18, "PSC-58": 0.14},
    "PTF-58-BTL": {"BSK-58-18": 0.26, "PSC-58": 0.18},
    "BSK-58-18": {"FNL-58": 0.20, "PSC-58": 0.14},
    "WDT-TOOL": {"FNL-58": 0.14, "SCL-ESP": 0.10},
    "SCL-ESP": {"SHT-GLASS": 0.14},
    "PIT-350": {"PEN-LATTE": 0.16, "BLD-MILK": 0.12, "THM-DIGITAL": 0.08},
    "PIT-600": {"CUP-LATTE": 0.16, "CLS-LATTE": 0.08},
    "FRT-WAND": {"SYR-VANILLA": 0.14, "CUP-LATTE": 0.10},
    "CLN-POWDER": {"CLN-BLIND-58": 0.28, "CLN-GROUP": 0.18},
    "CLN-TABS": {"DSC-POWDER": 0.14, "WTR-CART": 0.12},
    "CLN-MILK": {"CLN-CLOTH": 0.20},
    "CHK-ESP": {"GSK-58": 0.24, "GSK-54": 0.12},
    "BLD-ESP": {"CUP-ESP-2": 0.04, "BSC-ALMOND": 0.06},
    "CUP-ESP-2": {"CHO-DARK": 0.16},
    "CUP-CAPPU": {"PIT-350": 0.10},
    # moka, presses, cold
    "MOKA-1": {"MOKA-TRIVET": 0.18, "CUP-ESP-2": 0.10},
    "MOKA-3": {"MOKA-TRIVET": 0.12, "MOKA-PLATE": 0.12, "BLD-ESP": 0.12},
    "MOKA-6": {"MOKA-PLATE": 0.14},
    "MOKA-IND-4": {"FRT-WAND": 0.16},
    "AER-STD": {"FLT-AER-MTL": 0.14, "GRD-H-MINI": 0.10},
    "AER-GO": {"BAG-BREW": 0.14},
    "FRP-350": {"GRD-H-MINI": 0.12},
    "FRP-800": {"MUG-DBL": 0.12},
    "SYP-3": {"FLT-SYP": 0.34},
    "CLD-POT-1000": {"CLD-BAGS": 0.22, "ICE-TRAY-BALL": 0.12},
    "CLD-BTL-750": {"BLD-SUMMER": 0.18},
    "ICE-SET-DRIP": {"ICE-GLASS": 0.16},
    "ICE-SET-COLD": {"CLD-BAGS": 0.16, "BLD-SUMMER": 0.14},
    "ICE-GLASS": {"ICE-TRAY-BALL": 0.12, "SYR-VANILLA": 0.08},
    # table, pantry, gifts
    "MUG-STONE": {"CST-CORK": 0.14, "TRY-WOOD": 0.06},
    "MUG-DBL": {"CST-CORK": 0.10},
    "MUG-CAMP": {"DRP-FOLD": 0.12, "STK-INSTANT": 0.12},
    "TRV-350": {"DBG-10": 0.16},
    "TRV-POCKET": {"STK-INSTANT": 0.18},
    "SYR-VANILLA": {"SYR-PUMP": 0.14, "SYR-HAZEL": 0.14},
    "SYR-HAZEL": {"SYR-PUMP": 0.12},
    "SUG-CUBE": {"BSC-ALMOND": 0.12},
    "GIFT-STARTER": {"BEAN-ETH-YIR": 0.14, "BOOK-POUR": 0.08},
    "GIFT-MUGS": {"GIFT-DBG": 0.14},
    "GIFT-TRIO": {"GIFT-CARD-HAND": 0.18},
    "GIFT-CHU-B": {"GIFT-CARD-HAND": 0.16},
    "GIFT-OSEIBO-B": {"GIFT-CARD-HAND": 0.14},
    "GIFT-XMAS": {"CHO-DARK": 0.18},
    "GIFT-PEPERO": {"GIFT-CARD-HAND": 0.16},
    # cafés and offices
    "PPR-8OZ": {"PPR-LID-8": 0.62, "PPR-SLEEVE": 0.22},
    "PPR-12OZ": {"PPR-LID-12": 0.62, "PPR-SLEEVE": 0.24, "PPR-CARRIER": 0.16},
    "BLD-ESP-1KG": {"CLN-POWDER": 0.10, "OAT-CASE": 0.14},
    "BLD-HOUSE-1KG": {"FLT-02-1000": 0.16, "SUG-STICK": 0.16},
}

#: How likely a dripper or press takes a pack of each filter of its size home, plainest filter first.
FILTER_TAKES = (0.32, 0.08, 0.06, 0.0)
#: What fits a machine of the same portafilter, by the beginning of its id, and how likely it comes along.
TOOL_TAKES = {"TMP": 0.20, "DST": 0.10, "PTF": 0.08, "BSK": 0.06, "PSC": 0.06}
GASKET_TAKE = 0.16


@dataclass(frozen=True, slots=True)
class Refill:
    """A product that runs out: its interval, and how many of 9,000 people buy it in that rhythm."""

    product_id: str
    interval_days: float
    holders: int
    spell_days: float
    is_business: bool = False


REFILLS = (
    Refill("FLT-02", 38, 200, 300),
    Refill("FLT-02-N", 38, 80, 300),
    Refill("FLT-185", 38, 90, 300),
    Refill("FLT-102", 38, 70, 300),
    Refill("FLT-AER", 38, 50, 260),
    Refill("BLD-MORNING", 17, 55, 210),
    Refill("BEAN-ETH-YIR", 17, 50, 210),
    Refill("BLD-SEOUL", 17, 40, 210),
    Refill("BLD-ESP", 17, 55, 210),
    Refill("DSC-POWDER", 90, 240, 460),
    Refill("DSC-LIQUID", 90, 90, 460),
    Refill("WTR-CART", 60, 60, 360),
    Refill("BLD-ESP-1KG", 14, 9, 400, is_business=True),
    Refill("PPR-12OZ", 30, 9, 400, is_business=True),
)


@dataclass(frozen=True, slots=True)
class Path:
    """Who starts with `first` later comes back for `then`: a step up, a service, a part that wears out."""

    first: str
    then: str
    kind: str
    starters: int
    share: float
    median_days: float


#: `starters` of 9,000 people begin such a path with a purchase of `first`; 0: only who arrives by an earlier path.
PATHS = (
    Path("GRD-H-38", "GRD-E-ENTRY", "step_up", 260, 0.40, 150),
    Path("GRD-E-ENTRY", "GRD-E-PRO64", "step_up", 0, 0.45, 150),
    Path("GRD-H-MINI", "GRD-H-48", "step_up", 130, 0.30, 110),
    Path("SCL-BASIC", "SCL-TIMER", "step_up", 150, 0.35, 95),
    Path("KTL-GN-600", "KTL-EL-800", "step_up", 130, 0.35, 120),
    Path("ESP-MINI-51", "ESP-HOME-58", "step_up", 110, 0.30, 190),
    Path("ESP-HOME-58", "CHK-ESP", "service", 140, 0.45, 180),
    Path("ESP-HOME-54", "PIT-600", "later", 110, 0.35, 28),
    Path("DRP-V60-02-PL", "DRP-V60-02", "later", 140, 0.30, 75),
    Path("MOKA-3", "MOKA-GSK-3", "part", 150, 0.45, 200),
    Path("CLD-POT-1000", "CLD-BAGS", "refill", 120, 0.55, 32),
)

#: Looked at side by side, bought one or the other.
VIEWED_INSTEAD = (("KTL-EL-800", "KTL-EL-900"), ("GRD-E-ENTRY", "GRD-E-QUIET"), ("FRP-350", "FRP-800"))

#: Does not fit and is not taken together, but for the few who err (see `mess`) and send it back.
WRONG_FITS = (
    ("DRP-V60-02", "FLT-01"),
    ("DRP-V60-01", "FLT-02"),
    ("ESP-HOME-54", "TMP-58"),
    ("ESP-HOME-58", "TMP-54"),
    ("MOKA-3", "MOKA-GSK-6"),
)


def _is_filter(item: Item) -> bool:
    """Tell whether an item is a pack of filters."""
    return item.product_id.startswith("FLT-") and "count" in item.attributes


def _takes(item: Item) -> Iterator[tuple[Item, float]]:
    """Give what fits a dripper, press, machine or moka pot, and how likely it comes along."""
    facts = item.attributes
    if item.need in ("dripper", "air-press", "syphon"):
        packs = [one for one in CATALOG if _is_filter(one) and one.attributes["filter_size"] == facts["filter_size"]]
        yield from zip(packs, FILTER_TAKES, strict=False)
    if item.need == "espresso-machine" and "portafilter_mm" in facts:
        for tool in CATALOG:
            if tool.attributes.get("portafilter_mm") == facts["portafilter_mm"]:
                yield tool, TOOL_TAKES.get(tool.product_id[:3], 0.0)
    if item.need == "moka-pot":
        gaskets = [one for one in CATALOG if one.product_id.startswith("MOKA-GSK")]
        yield from ((one, GASKET_TAKE) for one in gaskets if one.attributes["cups"] == facts["cups"])


def needs() -> tuple[tuple[str, str], ...]:
    """Give every (product, what fits it) that one cannot use the product without: filters, tampers, gaskets."""
    essential = ("FLT-", "TMP-", "MOKA-GSK-")
    return tuple(
        (item.product_id, other.product_id)
        for item in CATALOG
        for other, _ in _takes(item)
        if other.product_id.startswith(essential)
    )


def goes_with() -> tuple[tuple[str, str, float], ...]:
    """Give every designed pair: (anchor, companion, probability that the anchor's basket takes the companion).

    Hand-named pairs first, then those that follow from sizes; the hand-named probability wins.
    """
    pairs = {(first, then): take for first, companions in COMPANIONS.items() for then, take in companions.items()}
    for item in CATALOG:
        for other, take in _takes(item):
            if take:
                pairs.setdefault((item.product_id, other.product_id), take)
    return tuple((first, then, take) for (first, then), take in pairs.items())
