"""What one offer is written with: the same columns in a file, a TOML table and a JSON object."""

from crosslift.collect.fields import Field, Schema, Type
from crosslift.domain.offer import OfferKind, Period

OFFERS = Schema(
    "offers",
    (
        Field("offer_id", is_required=True),
        Field("kind", is_required=True, choices=tuple(OfferKind)),
        Field("product_id"),
        Field("category"),
        Field("price", Type.MONEY, low=0),
        Field("currency", Type.CURRENCY),
        Field("period", choices=tuple(Period)),
        Field("n_periods", Type.INTEGER, low=1),
        Field("tax_rate", Type.NUMBER, low=0, high=1),
        Field("includes_tax", Type.FLAG),
        Field("lines", Type.JSON),
        Field("total", Type.MONEY, low=0),
        Field("cost", Type.MONEY, low=0),
        Field("is_free", Type.FLAG),
        Field("proofs", Type.JSON),
        Field("goals"),
        Field("beside"),
        Field("audience"),
        Field("avoid"),
        Field("step_of"),
        Field("markets"),
        Field("licences"),
        Field("min_age", Type.INTEGER, low=0, high=150),
        Field("is_advice", Type.FLAG),
        Field("starts_at", Type.INSTANT),
        Field("ends_at", Type.INSTANT),
        Field("months"),
        Field("staff_brief"),
        Field("tags"),
        Field("active", Type.FLAG),
        Field("author"),
        Field("reason"),
    ),
    frozenset({"offer_id", "kind"}),
)

LINE_FIELDS = tuple(
    field for field in OFFERS.fields if field.name in ("price", "period", "n_periods", "tax_rate", "includes_tax")
)
"""Columns of one price line: of the only one in the row itself, of several in `lines`."""

LISTS = ("goals", "beside", "markets", "licences", "months", "tags")
"""Columns of several values: a list, or in a cell one text with ` | ` between them."""

SPOKEN = ("title", "benefit", "terms", "cancellation", "guarantee")
"""Columns a language is put behind: `title_en`, `benefit_ko`, `terms_ja`; benefits are several."""
