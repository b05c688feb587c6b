"""How many orders hold one product only: the room there is for a second."""

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.estimate import Estimate, Figure, NotEstimable
from crosslift.measure.metrics import Metric
from crosslift.stats.compare import proportion_interval

LEAST = 20


class SingleItem:
    """The share of orders with one product."""

    api_version = 1
    metric = Metric(
        "single_item_orders", "Orders with one product", "rate",
        "orders with one distinct product / all orders", "orders placed in the period", "order lines after cleaning",
        "variants of one product count as one",
    )  # fmt: skip

    def measure(self, lines: pa.Table) -> Figure:
        """Count the orders of a period."""
        orders = lines.group_by(["source", "order_id"]).aggregate([("product_id", "count_distinct")])
        if orders.num_rows < LEAST:
            return NotEstimable(f"{orders.num_rows} orders in the period, at least {LEAST} needed")
        single = pc.sum(pc.equal(orders.column("product_id_count_distinct"), 1)).as_py()
        found = proportion_interval(single, orders.num_rows)
        return Estimate(found.value, found.low, found.high, orders.num_rows, self.metric.unit)
