"""What is believed of a product before its own buyers tell: how many people have the others of its category."""

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.estimate import NotEstimable
from crosslift.learn.customers.people import ranked
from crosslift.learn.customers.propensity import Start

MIN_OTHERS = 3
"""Products of the category that somebody has, below which their rates say nothing of one more."""
LEAST_WORTH, MOST_WORTH = 10.0, 100.0
"""People that the belief is worth: its bounds."""


def start_of_category(holdings: pa.Table, others: Collection[str], category: str) -> Start | NotEstimable:
    """Give the mean rate of a category's other products, and how many people that is worth.

    A product's rate is the share of people who have it among those who have something else. The rates of the others vary by
    chance and by themselves; the more by themselves, the less their mean says of one more product: it is worth
    m(1 − m) / variance − 1 people, the variance that chance explains taken off (beta-binomial by moments).

    Parameters
    ----------
    holdings : pa.Table
        person_id, product_id: each pair once, everything people have.
    others : collection of str
        Products of the category but the one asked for and its variants.
    category : str
        Its name, for the report.
    """
    person, people = ranked(holdings["person_id"])
    product, products = ranked(holdings["product_id"])
    breadth = np.bincount(person, minlength=len(people))
    n_all = np.bincount(product, minlength=len(products))
    n_besides = np.bincount(product, breadth[person] > 1, len(products))
    base = len(people) - (n_all - n_besides)
    asked = np.asarray(pc.is_in(products, value_set=pa.array(sorted(others), pa.string())), np.bool_) & (base > 0)
    rates = n_besides[asked] / base[asked]
    if len(rates) < MIN_OTHERS or not 0 < rates.mean() < 1:
        return NotEstimable(
            f"somebody has {len(rates)} other products of its category {category!r}; at least {MIN_OTHERS} needed for a start"
        )
    mean = float(rates.mean())
    chance = float(np.mean(mean * (1 - mean) / base[asked]))
    between = float(np.var(rates, ddof=1)) - chance
    worth = mean * (1 - mean) / between - 1 if between > 0 else MOST_WORTH
    source = f"mean of {len(rates)} other products of the category {category!r}"
    return Start(mean, float(np.clip(worth, LEAST_WORTH, MOST_WORTH)), source)
