"""The canonical columns of trials run elsewhere: assignments to arms, and choices with their probability (DESIGN 9)."""

from crosslift.collect.fields import Field, Schema, Type
from crosslift.collect.schemas_people import ATTRIBUTES
from crosslift.domain.experiment import UnitKind

ASSIGNMENTS = Schema(
    "assignments",
    (
        Field("experiment_id", is_required=True),
        Field("unit_id", is_required=True),
        Field("unit_kind", choices=tuple(UnitKind), default=UnitKind.CUSTOMER),
        Field("arm", is_required=True),
        Field("at", Type.INSTANT, is_required=True),
        ATTRIBUTES,
    ),
    frozenset({"experiment_id", "unit_id", "arm"}),
    extras="attributes",
)

LOGGED_CHOICES = Schema(
    "logged_choices",
    (
        Field("choice_id", is_required=True),
        Field("at", Type.INSTANT, is_required=True),
        Field("unit_id", is_required=True),
        Field("action", is_required=True),
        Field("probability", Type.NUMBER, is_required=True, low=0, high=1),
        Field("outcome", Type.NUMBER),
        Field("outcome_at", Type.INSTANT),
        Field("context", Type.JSON),
        Field("source"),
        ATTRIBUTES,
    ),
    frozenset({"choice_id", "action", "probability"}),
    extras="attributes",
)
