"""How likely a person is to hold or buy a product, by what is known of them and what else they hold.

Association, not effect: it says who resembles the holders, not whom an offer moves (that is `uplift`). With too few holders
nothing is learned: then starting evidence that the caller states stands in, or nothing is said.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.domain.estimate import NotEstimable
from crosslift.errors import BadInput
from crosslift.learn.customers.columns import values_of
from crosslift.stats.classify import MIN_HITS, Fitted, Recipe, fit_classifier
from crosslift.stats.levels import Column

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

HELD = "held:"
"""Before the name of a product, the name of the column that counts how often a person holds it."""
BREADTH = "n_held"
"""The column that counts the different products a person holds, the one in question left out."""
MOST_HELD = 100
"""Products that get a column of their own, most held first; the others count in the breadth alone."""


class Basis(StrEnum):
    """What a propensity rests on."""

    LEARNED = "learned"
    STARTING = "starting"


@dataclass(frozen=True, slots=True)
class Start:
    """What is believed of a product before its own holders tell.

    Attributes
    ----------
    rate : float
        In 0..1, exclusive: the share of people expected to hold or buy it.
    n_pseudo : float
        How many people this belief is worth, above 0.
    source : str
        Where it comes from, for the report: "median rate of the category", "sales, 12 May".
    """

    rate: float
    n_pseudo: float
    source: str

    def __post_init__(self) -> None:
        if not (0 < self.rate < 1 and self.n_pseudo > 0):
            raise BadInput(
                f"starting rate {self.rate} worth {self.n_pseudo} people; the rate lies between 0 and 1, the weight above 0"
            )


@dataclass(frozen=True, slots=True)
class Propensity:
    """How likely each person is to hold or buy one product.

    Attributes
    ----------
    product_id : str
        The product.
    basis : Basis
        Whether people are told apart, or all have the starting rate.
    why : str
        What the basis rests on, with numbers.
    n, n_positive : int
        People it was learned from, and those of them who hold or bought it.
    base_rate : float
        The second by the first.
    rate : float
        What is said of a person nothing is known of: the base rate, drawn to the start where that stands in.
    p : float64 array, shape (n,)
        Probability of each person learned from. Where learned it comes from models that did not see the person, nan for
        those that a sample of many left out (`predict` tells them).
    calibration_error : float or None
        Mean distance of these from the observed shares, by decile.
    start : Start or None
        The belief handed in.
    fitted : Fitted or None
        The classifier with all that was found while learning it.
    """

    product_id: str
    basis: Basis
    why: str
    n: int
    n_positive: int
    base_rate: float
    rate: float
    p: Floats
    calibration_error: float | None = None
    start: Start | None = None
    fitted: Fitted | None = None
    names: tuple[str, ...] = ()

    def predict(self, attributes: pa.Table, held: pa.Table) -> Floats:
        """Give the probability of other people, shape (rows,); `rate` for those of whom nothing is known.

        Parameters
        ----------
        attributes, held : pa.Table
            As in `learn_propensity`; columns that were learned from must be there, others are passed over.

        Raises
        ------
        BadInput
            If a column is missing or holds another kind of values.
        """
        if self.fitted is None:
            return np.full(max(attributes.num_rows, held.num_rows), self.rate)
        columns = _columns(attributes, held, self.product_id)
        missing = [name for name in self.names if name not in columns]
        if missing:
            raise BadInput(f"column {missing[0]!r} is missing; {self.product_id!r} was learned with it")
        return self.fitted.classifier.predict([columns[name] for name in self.names])

    @property
    def recipes(self) -> tuple[tuple[int, Recipe], ...]:
        """What the mix is made of, each with its votes; the pseudo-observations of evidence stand there."""
        return self.fitted.recipes if self.fitted else ()


def learn_propensity(
    product_id: str,
    attributes: pa.Table,
    held: pa.Table,
    is_positive: npt.ArrayLike,
    *,
    seed: int,
    start: Start | None = None,
) -> Propensity | NotEstimable:
    """Learn who holds or buys a product.

    Parameters
    ----------
    product_id : str
        The product; its own column in `held` is never looked at.
    attributes : pa.Table
        A row for each person, a column for each trait: numbers, truths or words, null where unknown. All must have been
        known without the product: an invoice for it would give the answer away.
    held : pa.Table
        The same people in the same order, a column for each product: how often they hold it (see `count_held`).
    is_positive : array of bool, shape (people,)
        Who holds it; or, with traits and holdings of a day before, who bought it afterwards.
    seed : int
        How people are dealt into folds.
    start : Start, optional
        What is believed where too few tell.

    Returns
    -------
    Propensity
        Learned where there are `MIN_HITS` positives and as many others, and columns tell surely more than the base
        rate (the lower 95 % bound of the gain in log likelihood on people held out is above 0). Else `basis` is starting:
        everyone has ``(n_positive + n_pseudo · rate) / (n + n_pseudo)``, or the base rate where no start was handed in.
    NotEstimable
        Where there are too few and no start was handed in.

    Raises
    ------
    BadInput
        If tables and positives differ in length, or a column holds something else than numbers, truths and words.
    """
    positive = np.asarray(is_positive, np.bool_)
    if not attributes.num_rows == held.num_rows == positive.size:
        raise BadInput(
            f"{attributes.num_rows} rows of attributes and {held.num_rows} of holdings for {positive.size} people; "
            "give one of each in the same order"
        )
    n, n_positive = positive.size, int(positive.sum())
    if min(n_positive, n - n_positive) < MIN_HITS:
        few = f"{n_positive} of {n} people hold or bought {product_id!r}; at least {MIN_HITS} who did and who did not are needed"
        return _started(product_id, positive, start, few) if start else NotEstimable(few)
    columns = _columns(attributes, held, product_id)
    fitted = fit_classifier(list(columns.values()), positive, seed=seed)
    if fitted.better <= 0:
        why = f"what is known of {n} people tells their {n_positive} holders and buyers of {product_id!r} not surely apart"
        return _started(product_id, positive, start, why)
    gain = 1 - fitted.log_loss / fitted.base_log_loss
    return Propensity(
        product_id=product_id,
        basis=Basis.LEARNED,
        why=f"{n_positive} of {n} people; on people held out it explains {gain:.1%} more than their share",
        n=n,
        n_positive=n_positive,
        base_rate=n_positive / n,
        rate=n_positive / n,
        p=fitted.p_held_out,
        calibration_error=fitted.calibration_error,
        start=start,
        fitted=fitted,
        names=tuple(columns),
    )


def count_held(holdings: pa.Table, people: pa.Array, most: int = MOST_HELD) -> pa.Table:
    """Count what people hold, a row for each person and a column for each product.

    Parameters
    ----------
    holdings : pa.Table
        person_id, product_id: a row for each thing held.
    people : pa.Array
        Ids of the people, in the order of the rows to come; holdings of others are left out.
    most : int
        Products that get a column, most held first. What else people hold is counted in the last column, "other".

    Returns
    -------
    pa.Table
        int64 counts; of equally held products the first by name come first.
    """
    place = np.asarray(pc.index_in(holdings["person_id"], people).fill_null(-1).combine_chunks(), np.int64)
    products = holdings["product_id"].filter(pa.array(place >= 0)).combine_chunks().dictionary_encode()
    names, item = products.dictionary.to_pylist(), np.asarray(products.indices, np.int64)
    sizes = np.bincount(item, minlength=len(names))
    chosen = sorted(range(len(names)), key=lambda number: (-sizes[number], names[number]))[:most]
    column = np.full(len(names), len(chosen), np.int64)
    column[chosen] = np.arange(len(chosen))
    width = len(chosen) + 1
    cells = np.bincount(place[place >= 0] * width + column[item], minlength=len(people) * width)
    counts = cells.reshape(len(people), width)
    titles = [*(names[number] for number in chosen), "other"]
    return pa.table({title: counts[:, place] for place, title in enumerate(titles)})


def _started(product_id: str, positive: Bools, start: Start | None, why: str) -> Propensity:
    n, n_positive = positive.size, int(positive.sum())
    rate = (n_positive + start.n_pseudo * start.rate) / (n + start.n_pseudo) if start else n_positive / n
    told = f"; started at {start.rate:.2%}, worth {start.n_pseudo:g} people ({start.source})" if start else ""
    return Propensity(
        product_id=product_id,
        basis=Basis.STARTING,
        why=why + told,
        n=n,
        n_positive=n_positive,
        base_rate=n_positive / n if n else 0.0,
        rate=rate,
        p=np.full(n, rate),
        start=start,
    )


def _columns(attributes: pa.Table, held: pa.Table, product_id: str) -> dict[str, Column]:
    """Name all that is looked at: traits, counts of other holdings, and how many different ones there are."""
    others = [name for name in held.column_names if name != product_id]
    counts = {name: values_of(name, held[name]) for name in others}
    known = {name: values_of(name, attributes[name]) for name in attributes.column_names}
    if not counts:
        return known
    breadth = np.column_stack([np.nan_to_num(count) > 0 for count in counts.values()]).sum(axis=1, dtype=np.float64)
    return known | {f"{HELD}{name}": count for name, count in counts.items()} | {BREADTH: breadth}
