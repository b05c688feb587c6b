"""A little coffee shop that can be asked: relations written down, guides and answers in its catalog. For `load_script`."""

from datetime import UTC, datetime, timedelta

from crosslift.shop import Shop
from crosslift.shop.chat import Said

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
BY = {"reason": "measured", "author": "mina"}
LINKS = [
    {"from_id": "DRIP", "to_id": "FILT", "kind": "required", "action": "link", **BY},
    {"from_id": "DRIP", "to_id": "SPOON", "kind": "excludes", "action": "link", **BY},
    {"from_id": "KETTLE", "to_id": "TOWEL", "kind": "included", "action": "link", **BY},
    {"from_id": "guide-drip", "to_id": "DRIP", "kind": "content", "action": "link", "value": "about", **BY},
]
PAGES = [
    {"product_id": "faq-delivery", "kind": "content", "title": "When will it arrive?", "title_ko": "언제 도착하나요?",
     "title_ja": "いつ届きますか", "url": "/faq/delivery",
     "attributes": {"topic": "delivery", "answer_en": "Parcels take two days.", "answer_ko": "배송은 이틀 걸려요.",
                    "answer_ja": "お届けまで二日です。"}},
    {"product_id": "faq-voltage", "kind": "content", "title": "Which voltage do I need?", "title_ko": "전압은 무엇인가요?",
     "title_ja": "電圧はどれですか", "url": "/faq/voltage",
     "attributes": {"topic": "voltage", "answer": "It runs on 220 V.", "keywords": "voltage, 전압, 電圧"}},
    {"product_id": "guide-drip", "kind": "content", "title": "How to pour over", "title_ko": "핸드드립 내리는 법",
     "title_ja": "ドリップの淹れ方", "url": "/guides/drip", "attributes": {"topic": "guide", "about": "DRIP"}},
]  # fmt: skip
BEANS = {
    "product_id": "BEANS", "title": "House beans", "title_ko": "하우스 원두", "title_ja": "ハウスブレンド", "category": "coffee",
    "price": "15000", "currency": "KRW", "stock": 70, "attributes": {"consumable": True},
}  # fmt: skip
CONSENT = {"purpose": "personalization", "channel": "*", "status": "granted", "source": "test", "wording": "v1"}


def build(folder, write_files):
    """Write, collect and learn it; gives its home."""
    write_files(folder)
    with open_shop(folder / "home") as shop:
        shop.collect(folder / "products.csv", folder / "orders.csv", folder / "consents.csv")
        orders = [
            {"order_id": f"b{n}", "ordered_at": (NOW - timedelta(days=120 - 17 * n)).isoformat(), "customer_id": "c2",
             "product_id": "BEANS", "quantity": 1, "unit_price": "15000", "currency": "KRW"}
            for n in range(8)
        ]  # fmt: skip
        shop.put_facts("orders", orders)
        shop.put_products(PAGES)
        shop.put_products([BEANS])
        shop.put_links(LINKS)
        shop.learn()
    return folder / "home"


def open_shop(home, clock=lambda: NOW, **settings):
    """Open it at its own moment."""
    return Shop(home, {"shop.currency": "KRW", "chat.contact": "02-123-4567", **settings}, clock=clock)


def ask(shop, text, **said):
    """Ask a question as somebody's browser does."""
    return shop.chats.ask(Said(text, **{"anonymous": "b1", **said}))
