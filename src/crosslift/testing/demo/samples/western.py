"""The dozen orders as Shopify, WooCommerce and Google Merchant Center have them."""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from crosslift.testing.demo.catalog import local_prices
from crosslift.testing.demo.item import Item, Variant
from crosslift.testing.demo.samples.sales import PEOPLE, REFUNDED, UNPAID, Sale, catalog, n_lines
from crosslift.testing.demo.samples.sample import Sample, delimited

SHOPIFY_ORDERS = (
    "Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Accepts Marketing", "Currency",
    "Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method", "Created at",
    "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem compare at price", "Lineitem sku",
    "Lineitem requires shipping", "Lineitem taxable", "Lineitem fulfillment status", "Billing Name", "Billing Country",
    "Shipping Country", "Notes", "Cancelled at", "Payment Method", "Refunded Amount", "Vendor", "Id", "Tags", "Source",
    "Lineitem discount", "Phone",
)  # fmt: skip
SHOPIFY_PRODUCTS = (
    "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published", "Option1 Name",
    "Option1 Value", "Option2 Name", "Option2 Value", "Variant SKU", "Variant Grams", "Variant Inventory Tracker",
    "Variant Inventory Qty", "Variant Inventory Policy", "Variant Price", "Variant Compare At Price", "Image Src",
    "Image Position", "Gift Card", "Variant Image", "Cost per item", "Status",
)  # fmt: skip
SHOPIFY_CUSTOMERS = (
    "Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing", "Default Address Company",
    "Default Address City", "Default Address Province Code", "Default Address Country Code", "Default Address Phone", "Phone",
    "Accepts SMS Marketing", "Total Spent", "Total Orders", "Note", "Tax Exempt", "Tags",
)  # fmt: skip
WOO_ORDERS = (
    "Order Number", "Order Status", "Order Date", "Customer Note", "First Name (Billing)", "Last Name (Billing)",
    "Country Code (Billing)", "Email (Billing)", "Phone (Billing)", "Payment Method Title", "Cart Discount Amount",
    "Order Subtotal Amount", "Order Shipping Amount", "Order Total Amount", "SKU", "Item #", "Item Name", "Quantity (- Refund)",
    "Item Cost", "Coupon Code", "Order Currency",
)  # fmt: skip
WOO_PRODUCTS = (
    "ID", "Type", "SKU", "GTIN, UPC, EAN, or ISBN", "Name", "Published", "Is featured?", "Visibility in catalog",
    "Short description", "Date sale price starts", "Date sale price ends", "Tax status", "In stock?", "Stock",
    "Backorders allowed?", "Sale price", "Regular price", "Categories", "Tags", "Images", "Parent", "Upsells", "Cross-sells",
    "Position",
)  # fmt: skip
WOO_CUSTOMERS = (
    "Name", "Username", "Last Active", "Sign Up", "Email", "Orders", "Total Spend", "AOV", "Country / Region", "City", "Region",
    "Postal Code",
)  # fmt: skip
FEED = (
    "id", "title", "description", "link", "image_link", "availability", "price", "brand", "condition", "product_type",
    "item_group_id", "color",
)  # fmt: skip


def samples(sales: tuple[Sale, ...]) -> tuple[Sample, ...]:
    """Give them."""
    feed = list(_feed_items())
    n_feed = len(feed) + len({item["item_group_id"] for item in feed if item["item_group_id"]})
    n_variants = sum(max(len(item.variants), 1) for item in catalog())
    n_parents = sum(bool(item.variants) for item in catalog())
    rows = [[item[name] for name in FEED] for item in feed]
    return (
        Sample("shopify_orders.csv", "en", "Shopify orders", "orders", delimited(SHOPIFY_ORDERS, _shopify_orders(sales)),
               n_lines(sales)),
        Sample("shopify_products.csv", "en", "Shopify products", "products",
               delimited(SHOPIFY_PRODUCTS, _shopify_products()), n_variants + n_parents),
        Sample("shopify_customers.csv", "en", "Shopify customers", "customers",
               delimited(SHOPIFY_CUSTOMERS, _shopify_customers(sales)), len(PEOPLE)),
        Sample("woocommerce_orders.csv", "en", "WooCommerce orders", "orders", delimited(WOO_ORDERS, _woo_orders(sales)),
               n_lines(sales, UNPAID)),
        Sample("woocommerce_products.csv", "en", "WooCommerce products", "products",
               delimited(WOO_PRODUCTS, _woo_products()), n_variants + n_parents),
        Sample("woocommerce_customers.csv", "en", "WooCommerce customers", "customers",
               delimited(WOO_CUSTOMERS, _woo_customers(sales)), len(PEOPLE)),
        Sample("merchant_feed.tsv", "en", "Google Merchant feed products", "products", delimited(FEED, rows, mark="\t"), n_feed),
        Sample("merchant_feed.xml", "en", "Google Merchant feed products", "products", _rss(feed), n_feed),
    )  # fmt: skip


def _dollars(won: int) -> str:
    return str(local_prices(won)["price_USD"])


def _of(
    sale: Sale, header: Sequence[str], first: dict[str, object], lines: list[dict[str, object]]
) -> Iterator[list[object]]:
    """Write the lines of an order; what belongs to the order stands in the first only."""
    for place, line in enumerate(lines):
        row = {**(first if place == 0 else {}), **line}
        yield [row.get(name) for name in header]


def _shopify_orders(sales: tuple[Sale, ...]) -> Iterator[list[object]]:
    for sale in sales:
        _, email, _, _, given, family = PEOPLE[sale.person]
        at = f"{sale.at:%Y-%m-%d %H:%M:%S} +0900"
        paid = "" if sale.place == UNPAID else at
        state = {REFUNDED: "refunded", UNPAID: "pending"}.get(sale.place, "paid")
        total = sum(float(_dollars(line.won)) * line.quantity for line in sale.lines)
        head: dict[str, object] = {
            "Email": email, "Financial Status": state, "Paid at": paid, "Accepts Marketing": "yes" if sale.person == 0 else "no",
            "Currency": "USD", "Subtotal": f"{total:.2f}", "Shipping": "0.00", "Taxes": "0.00", "Total": f"{total:.2f}",
            "Created at": at, "Billing Name": f"{given} {family}", "Billing Country": "KR", "Shipping Country": "KR",
            "Payment Method": "Shopify Payments", "Refunded Amount": f"{total if state == 'refunded' else 0:.2f}",
            "Id": 5_100_000_000_000 + sale.place, "Source": "web", "Fulfillment Status": "fulfilled" if paid else "unfulfilled",
        }  # fmt: skip
        lines: list[dict[str, object]] = [
            {
                "Name": f"#{1001 + sale.place}", "Lineitem quantity": line.quantity, "Lineitem name": line.title("en"),
                "Lineitem price": _dollars(line.won), "Lineitem sku": line.code, "Lineitem requires shipping": "true",
                "Lineitem taxable": "true", "Lineitem fulfillment status": "fulfilled" if paid else "pending",
                "Vendor": line.item.brand, "Lineitem discount": "0.00",
            }
            for line in sale.lines
        ]  # fmt: skip
        yield from _of(sale, SHOPIFY_ORDERS, head, lines)


def _variants(item: Item) -> tuple[Variant | None, ...]:
    return item.variants or (None,)


def _handle(item: Item) -> str:
    return item.title.lower().replace(",", "").replace(" ", "-")


def _shopify_products() -> Iterator[list[object]]:
    for item in catalog():
        head: dict[str, object] = {
            "Title": item.title, "Vendor": item.brand, "Type": item.category.partition("/")[0], "Tags": "coffee, brewing",
            "Published": "true", "Option1 Name": "Finish" if item.variants else "Title", "Gift Card": "false",
            "Image Src": f"https://shop.example/{item.product_id}.jpg", "Image Position": 1, "Status": "active",
        }  # fmt: skip
        rows: list[dict[str, object]] = [
            {
                "Handle": _handle(item), "Option1 Value": variant.title if variant else "Default Title",
                "Variant SKU": f"{item.product_id}-{variant.code}" if variant else item.product_id,
                "Variant Inventory Tracker": "shopify", "Variant Inventory Qty": item.stock, "Variant Inventory Policy": "deny",
                "Variant Price": _dollars(int(item.price * (variant.price_factor if variant else 1.0))),
                "Cost per item": _dollars(item.cost) if item.cost else None,
            }
            for variant in _variants(item)
        ]  # fmt: skip
        rows.append(
            {"Handle": _handle(item), "Image Src": f"https://shop.example/{item.product_id}-2.jpg", "Image Position": 2}
        )
        for place, row in enumerate(rows):
            whole = {**(head if place == 0 else {}), **row}
            yield [whole.get(name) for name in SHOPIFY_PRODUCTS]


def _shopify_customers(sales: tuple[Sale, ...]) -> Iterator[list[object]]:
    for place, (_, email, _, _, given, family) in enumerate(PEOPLE):
        n_orders = sum(sale.person == place for sale in sales)
        row: dict[str, object] = {
            "Customer ID": f"'{7_000_000_000 + place}", "First Name": given, "Last Name": family, "Email": email,
            "Accepts Email Marketing": "yes" if place == 0 else "no", "Default Address City": "Seoul",
            "Default Address Country Code": "KR", "Default Address Phone": f"'+82 2 555 010{place}",
            "Accepts SMS Marketing": "no", "Total Spent": "0.00", "Total Orders": n_orders, "Tax Exempt": "no",
            "Tags": "regular" if n_orders > 2 else "",
        }  # fmt: skip
        yield [row.get(name) for name in SHOPIFY_CUSTOMERS]


def _woo_orders(sales: tuple[Sale, ...]) -> Iterator[list[object]]:
    for sale in sales:
        _, email, _, _, given, family = PEOPLE[sale.person]
        state = {REFUNDED: "Refunded", UNPAID: "Pending payment"}.get(sale.place, "Completed")
        for place, line in enumerate(sale.lines, 1):
            row: dict[str, object] = {
                "Order Number": 2001 + sale.place, "Order Status": state, "Order Date": f"{sale.at:%Y-%m-%d %H:%M}",
                "First Name (Billing)": given, "Last Name (Billing)": family, "Country Code (Billing)": "KR",
                "Email (Billing)": email, "Payment Method Title": "Card", "SKU": line.code, "Item #": place,
                "Item Name": line.title("en"), "Quantity (- Refund)": line.quantity, "Item Cost": _dollars(line.won),
                "Order Currency": "USD",
            }  # fmt: skip
            yield [row.get(name) for name in WOO_ORDERS]


def _woo_products() -> Iterator[list[object]]:
    number = 100
    for item in catalog():
        number += 1
        parent: dict[str, object] = {
            "ID": number, "Type": "variable" if item.variants else "simple", "SKU": item.product_id, "Name": item.title,
            "Published": 1, "In stock?": 1, "Stock": None if item.variants else item.stock, "Backorders allowed?": 0,
            "Regular price": None if item.variants else _dollars(item.price), "Categories": item.category.replace("/", " > "),
            "Tags": "coffee", "Images": f"https://shop.example/{item.product_id}.jpg, https://shop.example/2.jpg",
            "Cross-sells": "FLT-02" if item.product_id == "DRP-V60-02" else None,
        }  # fmt: skip
        yield [parent.get(name) for name in WOO_PRODUCTS]
        for variant in item.variants:
            number += 1
            row: dict[str, object] = {
                "ID": number, "Type": "variation", "SKU": f"{item.product_id}-{variant.code}", "Published": 1,
                "Name": f"{item.title} - {variant.title}", "In stock?": 1, "Stock": item.stock, "Backorders allowed?": 0,
                "Regular price": _dollars(int(item.price * variant.price_factor)), "Parent": item.product_id,
            }  # fmt: skip
            yield [row.get(name) for name in WOO_PRODUCTS]


def _woo_customers(sales: tuple[Sale, ...]) -> Iterator[list[object]]:
    for place, (_, email, _, _, given, family) in enumerate(PEOPLE):
        n_orders = sum(sale.person == place for sale in sales)
        row: dict[str, object] = {
            "Name": f"{given} {family}", "Username": given.lower(), "Last Active": "2026-09-30 10:00:00",
            "Sign Up": f"2025-0{place + 1}-15 08:30:00", "Email": email, "Orders": n_orders, "Total Spend": "0", "AOV": "0",
            "Country / Region": "KR", "City": "Seoul",
        }  # fmt: skip
        yield [row.get(name) for name in WOO_CUSTOMERS]


def _feed_items() -> Iterator[dict[str, str]]:
    for item in catalog():
        for variant in _variants(item):
            code = f"{item.product_id}-{variant.code}" if variant else item.product_id
            yield {
                "id": code, "title": f"{item.title}, {variant.title}" if variant else item.title,
                "description": f"{item.title} by {item.brand}", "link": f"https://shop.example/p/{code}",
                "image_link": f"https://shop.example/{item.product_id}.jpg",
                "availability": "in_stock" if item.stock else "out_of_stock", "price": f"{_dollars(item.price)} USD",
                "brand": item.brand, "condition": "new", "product_type": item.category.replace("/", " > "),
                "item_group_id": item.product_id if variant else "",
                "color": str(variant.attributes.get("color", "")) if variant else "",
            }  # fmt: skip


def _rss(items: list[dict[str, str]]) -> bytes:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">',
        "<channel><title>Moru Coffee Supply</title><link>https://shop.example</link><description>Coffee</description>",
    ]
    for item in items:
        lines.append("<item>")
        lines += [f"<g:{name}>{escape(value)}</g:{name}>" for name, value in item.items() if value]
        lines.append("</item>")
    return ("\n".join([*lines, "</channel>", "</rss>"]) + "\n").encode()
