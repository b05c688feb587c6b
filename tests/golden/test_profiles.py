"""Profiles of two real shops, beside what others published of them and what the reader can add up.

AdventureWorks: Maven Analytics, Microsoft Power BI Desktop, course project: 24.9 M of revenue, 10.5 M of profit, 25.2 k
orders, a return rate of 2.2 %, 17.4 k customers with 1,431 each, the best of them Mr. Maurice Shan with 12.4 k in 6 orders.
Its returns name product, territory and day: they count for products, and no person has any.

Online Retail: Chen (2015); sums by customer of quantity × price, cancellations included, as printed in many analyses (18102:
256,438.49). A cancellation of something bought before the data begin has no sale to be taken off.
"""

import gzip
import json
from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import csv

from crosslift.collect import cleaning
from crosslift.learn.customers.material import COLUMNS, CustomerMaterial
from crosslift.learn.customers.run import profile_people
from crosslift.settings import Settings

DAY = 86_400_000_000


def read(path, **types):
    text = gzip.decompress(path.read_bytes()).decode("latin-1").encode()
    return csv.read_csv(BytesIO(text), convert_options=csv.ConvertOptions(column_types=types))


def table(name, rows, **columns):
    """A table of the material with some columns given, the others null."""
    kinds = COLUMNS[name].items()
    return pa.table({
        column: columns[column].cast(kind) if column in columns else pa.nulls(rows, kind) for column, kind in kinds
    })  # fmt: skip


def texts(column):
    return column.cast(pa.string())


def instants(column):
    return pc.cast(pc.strptime(column, "%m/%d/%Y", "us"), pa.int64())


@pytest.fixture(scope="module")
def adventure(shared):
    folder = shared / "data/adventureworks"
    sales = pa.concat_tables(
        [read(folder / f"AdventureWorks_Sales_{year}.csv.gz", OrderDate=pa.string()) for year in (2015, 2016, 2017)]
    )
    products = read(folder / "AdventureWorks_Products.csv.gz")
    shelves = read(folder / "AdventureWorks_Product_Subcategories.csv.gz")
    back = read(folder / "AdventureWorks_Returns.csv.gz", ReturnDate=pa.string())
    place = pc.index_in(sales["ProductKey"], products["ProductKey"].combine_chunks())
    shelf = pc.index_in(products["ProductSubcategoryKey"], shelves["ProductSubcategoryKey"].combine_chunks())
    price = pc.take(products["ProductPrice"], place)
    n, micros = sales.num_rows, lambda column: pc.round(pc.multiply(column, 1e6))
    lines = table(
        "lines", n, order_id=sales["OrderNumber"], customer_id=texts(sales["CustomerKey"]), product_id=texts(sales["ProductKey"]),
        ordered_at=instants(sales["OrderDate"]), quantity=sales["OrderQuantity"], kept=sales["OrderQuantity"],
        unit_price_micros=micros(price), currency=pa.repeat("USD", n), source=pa.repeat("web", n),
    )  # fmt: skip
    return CustomerMaterial(
        lines=lines,
        products=table(
            "products", products.num_rows, product_id=texts(products["ProductKey"]), cost_micros=micros(products["ProductCost"]),
            currency=pa.repeat("USD", products.num_rows), category=pc.take(shelves["SubcategoryName"], shelf),
        ),
        returns=table(
            "returns", back.num_rows, product_id=texts(back["ProductKey"]), quantity=back["ReturnQuantity"],
            returned_at=instants(back["ReturnDate"]), source=pa.repeat("web", back.num_rows),
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def adventurers(adventure):
    return profile_people(adventure, Settings.load({}, environment={}), lambda *_: None)


def total(found, column):
    return pc.sum(found.table[column]).as_py()


def test_adventureworks_adds_up_to_what_is_published(adventurers):
    report = adventurers.report
    assert (report["n_people"], report["n_orders"]) == (17_416, 25_164)
    assert total(adventurers, "revenue") == pytest.approx(24_914_567, rel=1e-6)
    assert total(adventurers, "margin") == pytest.approx(10_457_580, rel=1e-4)
    assert total(adventurers, "revenue") / 17_416 == pytest.approx(1_431, abs=0.6)
    assert (report["basis"], report["n_without_margin"], report["currency"]) == ("margin", 0, "USD")


def test_the_best_adventurer(adventurers):
    best = adventurers.table.sort_by([("revenue", "descending")]).slice(0, 1).to_pylist()[0]
    assert (best["person_id"], best["n_orders"]) == ("customer:11433", 6)
    assert best["revenue"] == pytest.approx(12_408, abs=1)
    assert best["rfm_monetary"] == best["rfm_frequency"] == 5
    assert sum(json.loads(best["categories"]).values()) <= 1


def test_returns_that_name_nobody_count_for_products_only(adventurers):
    told = adventurers.report["returns_without_order"]
    assert (told["n_returns"], told["n_units"]) == (1_809, 1_828)
    assert told["n_units"] / 84_174 == pytest.approx(0.0217, abs=0.0001)
    assert all(0 < product["share"] < 0.3 for product in told["products"])
    assert total(adventurers, "n_returns") == 0
    assert pc.max(adventurers.table["return_rate"]).as_py() == 0
    assert total(adventurers, "net_contribution") == pytest.approx(total(adventurers, "margin"))
    assert set(adventurers.report["contribution_classes"]) == {"profitable"}


@pytest.fixture(scope="module")
def retail(shared):
    kinds = {"InvoiceNo": pa.string(), "StockCode": pa.string(), "CustomerID": pa.string(), "InvoiceDate": pa.string(),
             "Quantity": pa.int64(), "UnitPrice": pa.float64()}  # fmt: skip
    rows = read(shared / "data/online_retail/online_retail.csv.gz", **kinds)
    at = pc.cast(pc.strptime(rows["InvoiceDate"], "%Y-%m-%d %H:%M:%S", "us"), pa.int64())
    n, is_cancelled = rows.num_rows, pc.starts_with(rows["InvoiceNo"], "C")
    customer = pc.replace_substring_regex(rows["CustomerID"], "[.]0$", "")
    lines = pa.table({
        "id": np.arange(n), "source": pa.repeat("till", n), "order_id": rows["InvoiceNo"], "product_id": rows["StockCode"],
        "variant_id": pa.nulls(n, pa.string()), "customer_id": pc.if_else(pc.equal(customer, ""), None, customer),
        "ordered_at": at, "ordered_on": pc.divide(at, DAY).cast(pa.int32()), "title": pa.nulls(n, pa.string()),
        "quantity": rows["Quantity"], "unit_price_micros": pc.round(pc.multiply(rows["UnitPrice"], 1e6)).cast(pa.int64()),
        "currency": pa.repeat("GBP", n), "discount_micros": pa.nulls(n, pa.int64()), "tax_micros": pa.nulls(n, pa.int64()),
        "market": rows["Country"], "channel": pa.nulls(n, pa.string()), "status": pc.if_else(is_cancelled, "cancelled", "placed"),
    })  # fmt: skip
    codes = pc.unique(rows["StockCode"])
    products = pa.table(
        {"product_id": codes, "kind": pa.repeat("goods", len(codes)), "parent_id": pa.nulls(len(codes), pa.string())}
    )
    nothing = pa.table({"source": [], "order_id": [], "product_id": [], "quantity": [], "returned_at": []})
    settings = Settings.load({}, environment={})
    sold = cleaning.sold(lines, nothing, products, settings)
    return profile_people(CustomerMaterial(lines=sold), settings, lambda *_: None)


def test_online_retail_is_in_pounds_and_nobody_has_a_margin(retail):
    found = retail
    assert (found.report["currency"], found.report["basis"]) == ("GBP", "revenue")
    assert pc.count(found.table["net_contribution"]).as_py() == pc.count(found.table["margin"]).as_py() == 0
    classes = found.report["contribution_classes"]
    assert classes == {
        "unknown": found.report["n_people"] - classes["unprofitable"],
        "unprofitable": classes["unprofitable"],
    }


def test_online_retail_losses_are_those_who_sent_nearly_everything_back(retail):
    """Whatever the goods cost: less was left than a fifth of what came back."""
    found = retail
    losses = found.table.filter(pc.equal(found.table["contribution_class"], "unprofitable"))
    assert 0 < losses.num_rows < 30
    assert pc.min(losses["return_rate"]).as_py() > 0.4
    reasons = [dict(json.loads(text)) for text in losses["contribution_reasons"].to_pylist()]
    assert all(loss < one["returns"] for loss, one in zip(losses["revenue"].to_pylist(), reasons, strict=True))


def test_online_retail_best_customers_are_those_of_every_analysis(retail):
    found = retail
    best = found.table.sort_by([("revenue", "descending")]).slice(0, 5).select(["person_id", "revenue"]).to_pylist()
    published = {
        "14646": 279_489.02,
        "18102": 256_438.49,
        "17450": 187_482.17,
        "14911": 132_572.62,
        "12415": 123_725.45,
    }
    assert [row["person_id"].removeprefix("customer:") for row in best] == list(published)
    assert [row["revenue"] for row in best] == pytest.approx(list(published.values()), rel=0.06)


def test_online_retail_cancellations_are_returns_of_whoever_cancelled(retail):
    """12346 bought 74,215 units and cancelled them 16 minutes later: no order is left, one was sent back."""
    found = retail
    (row,) = found.table.filter(pc.equal(found.table["person_id"], "customer:12346")).to_pylist()
    assert (row["n_orders"], row["n_returns"], row["return_rate"], row["revenue"]) == (0, 1, 1.0, 0.0)
    assert json.loads(row["unknown"])["aov"] == "nothing_kept"


def test_online_retail_is_sane(retail):
    found = retail
    report, table_ = found.report, found.table
    assert report["n_buyers"] == pytest.approx(4_330, abs=15)
    assert set(report["stages"]) == {"buy", "use", "lapse"}
    assert 0.15 < report["stages"]["lapse"] / report["n_people"] < 0.6
    assert 20 < report["rhythm"]["median_days"] < report["rhythm"]["silence_days"] < 365
    shares = [pc.mean(pc.equal(table_["rfm_monetary"], float(one)).cast(pa.float64())).as_py() for one in range(1, 6)]
    assert shares == pytest.approx([0.2] * 5, abs=0.005)
    known = table_.filter(pc.is_valid(table_["clv"]))
    assert known.num_rows == report["n_buyers"]
    assert pc.all(pc.less_equal(known["clv_low"], known["clv_high"])).as_py()
    assert np.corrcoef(known["clv"].to_numpy(), known["revenue"].to_numpy())[0, 1] > 0.7
