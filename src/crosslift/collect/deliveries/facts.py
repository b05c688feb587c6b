"""Any sender that signs as Standard Webhooks has it: `type` names a dataset, `data` is a row of it or a list of them."""

from crosslift.collect.deliveries.platform import Platform, Row, Sent, Told
from crosslift.collect.schemas import SCHEMAS
from crosslift.domain.signature import StandardWebhooks
from crosslift.errors import BadInput

MOST = 1000
DATASETS = frozenset(SCHEMAS) - {"products", "links", "bundles", "consents", "events"}


def rows(sent: Sent) -> Told:
    """Give the rows of a delivery."""
    dataset, data = sent.body.get("type"), sent.body.get("data")
    if str(dataset) not in DATASETS:
        raise BadInput(f"type must name a dataset: {', '.join(sorted(DATASETS))}", where="type")
    given = data if isinstance(data, list) else [data]
    several: list[Row] = [one for one in given if isinstance(one, dict)]
    if not 1 <= len(several) <= MOST or len(several) < len(given):
        raise BadInput(f"data must be a row, or a list of 1 to {MOST}", where="data")
    is_sold = dataset in ("orders", "returns")
    return [(str(dataset), [{"source": sent.source, **one} if is_sold else one for one in several])]


PLATFORM = Platform(
    "facts", "any sender of Standard Webhooks, `type` a dataset and `data` its rows", StandardWebhooks(), "", rows
)
