"""Rakuten Ichiba orders (RMS 受注データ, CSV in Shift_JIS): a row a line.

Names as in public code that reads such downloads; the shop chooses among them in its template, so somebody confirms the
mapping once. `商品管理番号` is what a product's page is called, `SKU管理番号` its variant. States are numbers: 800 waits for
its cancellation, 900 is cancelled. The e-mail address is the one Rakuten puts in the buyer's place.
"""

import pyarrow as pa

from crosslift.collect.schemas import ORDERS
from crosslift.collect.sources.source import Columns, Export, Source, first_filled, lowered

_CODES = ("商品管理番号", "商品管理番号（商品URL）", "商品番号", "商品ID")


class RakutenOrders(Export):
    """Reads them."""

    cancelled = "^(800|900)$|キャンセル"
    states = ("ステータス",)

    def computed(self, given: Columns, columns: Columns) -> Columns:
        """Name the product by what is there."""
        nothing = pa.nulls(len(columns["order_id"]), pa.string())
        return self._status(given) | {
            "product_id": first_filled(*(given[name] for name in _CODES if name in given)),
            "customer_id": lowered(columns.get("customer_id", nothing)),
            "market": pa.repeat(pa.scalar("JP"), len(columns["order_id"])),
        }


SOURCE = Source(
    name="Rakuten",
    schema=ORDERS,
    signature=frozenset({"注文番号", "注文日時", "商品名", "単価", "個数"}),
    needed=frozenset({"product_id"}),
    names={
        "order_id": ("注文番号",), "line_id": ("商品明細ID",), "ordered_at": ("注文日時",),
        "customer_id": ("注文者メールアドレス",),
        "product_id": _CODES, "variant_id": ("SKU管理番号", "システム連携用SKU番号"), "title": ("商品名",), "quantity": ("個数",),
        "unit_price": ("単価",), "channel": ("利用端末",),
    },
    kept={"項目・選択肢": "option", "SKU情報": "sku_info", "注文種別": "order_type"},
    renamer=RakutenOrders,
    is_certain=False,
    currency="JPY",
    zone="Asia/Tokyo",
)  # fmt: skip
