"""The catalog as numbers: where each product stands, whose brand it is, what it costs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crosslift.learn.customers.people import NOBODY, Numbers, ranked

NONE = NOBODY


@dataclass(frozen=True, slots=True)
class Shelf:
    """Products in the order of the table they come from; a variant without a category, brand or cost has its product's.

    Attributes
    ----------
    products : pa.Array of string
        Product ids.
    categories, brands : pa.Array of string
        Names in sorted order.
    category, brand : int32 array, shape (products,)
        Places in these, −1 for none.
    cost_micros : pa.ChunkedArray of int64
        Null where nobody said.
    currency : pa.ChunkedArray of string
        Of the costs.
    """

    products: pa.Array
    categories: pa.Array
    brands: pa.Array
    category: Numbers
    brand: Numbers
    cost_micros: pa.ChunkedArray
    currency: pa.ChunkedArray

    @classmethod
    def of(cls, products: pa.Table) -> "Shelf":
        """Read the catalog."""
        ids = products.column("product_id").combine_chunks()
        parent = np.asarray(
            pc.fill_null(pc.index_in(products.column("parent_id").combine_chunks(), value_set=ids), NONE)
        )
        category, categories = ranked(_trimmed(products.column("category")))
        brand, brands = ranked(_trimmed(products.column("brand")))
        cost = pc.coalesce(products.column("cost_micros"), _of_parent(products.column("cost_micros"), parent))
        of_parent = _of_parent(products.column("currency"), parent)
        currency = pc.if_else(pc.is_valid(products.column("cost_micros")), products.column("currency"), of_parent)
        return cls(
            ids, categories, brands, _inherited(category, parent), _inherited(brand, parent), cost,
            pc.coalesce(currency, products.column("currency")),
        )  # fmt: skip

    def places(self, column: pa.ChunkedArray) -> Numbers:
        """Find the products of a column, −1 for none and for those the catalog does not know."""
        return np.asarray(pc.fill_null(pc.index_in(column, value_set=self.products), NONE), np.int32)

    def category_of(self, places: Numbers) -> Numbers:
        """Give the category of each product place, −1 for none."""
        return np.append(self.category, np.int32(NONE))[places]

    def brand_of(self, places: Numbers) -> Numbers:
        """Give the brand of each product place, −1 for none."""
        return np.append(self.brand, np.int32(NONE))[places]

    def categories_named(self, names: pa.Array) -> Numbers:
        """Find categories by name, −1 for those the catalog does not have."""
        return np.asarray(pc.fill_null(pc.index_in(names, value_set=self.categories), NONE), np.int32)


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    text = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _inherited(own: Numbers, parent: npt.NDArray[np.integer]) -> Numbers:
    from_parent = np.where(parent >= 0, own[parent], NONE) if len(own) else own
    return np.where(own >= 0, own, from_parent).astype(np.int32)


def _of_parent(column: pa.ChunkedArray, parent: npt.NDArray[np.integer]) -> pa.ChunkedArray:
    place = pa.array(parent, mask=parent < 0) if len(parent) else pa.array([], pa.int32())
    return pc.take(column, place)
