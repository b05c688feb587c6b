"""EC-CUBE 4 orders (受注CSV): a row a line, shipping, fees and discounts as lines of their own, Shift_JIS by default.

Names as EC-CUBE 4 ships them (src/Eccube/Resource/doctrine/import_csv/ja/dtb_csv.csv). `明細区分` 1 (商品) is a product;
everything else is left out. Orders still being typed in or paid (購入処理中, 決済処理中) are none yet. Guests have no
`会員ID`; their e-mail address stands for them. `価格` is one piece, without tax where the shop keeps prices so.
"""

import pyarrow as pa
import pyarrow.compute as pc

from crosslift.collect.schemas import ORDERS
from crosslift.collect.sources import written
from crosslift.collect.sources.source import Columns, Export, Source, first_filled, lowered


class EcCubeOrders(Export):
    """Reads them."""

    cancelled = "取消|キャンセル|返品"
    unfinished = "購入処理中|決済処理中"
    states = ("対応状況(名称)",)

    def kept(self, given: Columns) -> pa.Array:
        """Keep lines of products only."""
        keep = super().kept(given)
        for name, product in (("明細区分(名称)", "^商品$"), ("明細区分(ID)", r"^1$")):
            if name in given:
                return pc.and_(keep, written.says(given[name], product))
        return keep

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Name product and customer by what is there; write the variant into the title."""
        nothing = pa.nulls(len(columns["order_id"]), pa.string())
        number = pc.binary_join_element_wise("id:", first_filled(given.get("商品ID", nothing)), "")
        parts = [first_filled(given.get(name, nothing)) for name in ("商品名", "規格分類名1", "規格分類名2")]
        title = pc.binary_join_element_wise(*parts, " ", null_handling="skip")
        return self._status(given) | {
            "product_id": first_filled(given["商品コード"], number),
            "customer_id": first_filled(given.get("会員ID", nothing), lowered(given.get("メールアドレス", nothing))),
            "title": title,
        }


SOURCE = Source(
    name="EC-CUBE",
    schema=ORDERS,
    signature=frozenset({"注文番号", "受注日", "商品コード", "価格", "個数"}),
    needed=frozenset({"order_id"}),
    names={
        "order_id": ("注文番号", "注文ID"), "line_id": ("注文詳細ID",), "ordered_at": ("受注日",),
        "customer_id": ("会員ID", "メールアドレス"), "product_id": ("商品コード", "商品ID"), "variant_id": ("商品規格ID",),
        "title": ("商品名",), "quantity": ("個数",), "unit_price": ("価格",),
    },
    renamer=EcCubeOrders,
    currency="JPY",
    zone="Asia/Tokyo",
)  # fmt: skip
