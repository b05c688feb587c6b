"""Own flat pictures: a shape a family, colored by material and, for variety, by the product's id."""

from hashlib import blake2b
from string import Template
from xml.sax.saxutils import escape

from crosslift.testing.demo.item import Item
from crosslift.testing.demo.shapes import SHAPES

#: Accent and the sheet behind it: the chart colors of the house and their palest tints.
ACCENTS = (
    ("#1D5FBF", "#E8EFF9"),
    ("#D55E00", "#FBEDE3"),
    ("#00795A", "#E3F1ED"),
    ("#A6548B", "#F5EBF2"),
    ("#855700", "#F6EFDF"),
)
#: Body and its shaded side.
MATERIALS = {
    "ceramic": ("#FFFFFF", "#BCC7D3"),
    "glass": ("#CFE3F5", "#A9C8E4"),
    "steel": ("#C3CAD3", "#939DA9"),
    "copper": ("#D08A5B", "#A35C33"),
    "wood": ("#D3A872", "#A67A48"),
    "plastic": ("#F0F5FA", "#AFC0D1"),
    "silicone": ("#8FA3B5", "#667A8C"),
    "celadon": ("#B9D3C3", "#8DB19C"),
}
#: What a family is made of where the product does not say.
USUAL = {
    "mug": "ceramic",
    "cup": "ceramic",
    "glass": "glass",
    "bottle": "glass",
    "press": "glass",
    "syphon": "glass",
    "lid": "plastic",
    "paper_cup": "ceramic",
    "straws": "ceramic",
    "spoon": "steel",
    "gift_wrap": "celadon",
    "jar": "ceramic",
    "sachet": "ceramic",
    "cloth": "ceramic",
    "set_box": "celadon",
    "truck": "steel",
}
#: Bags of coffee by roast.
ROASTS = {"light": ("#E6C79C", "#C79F68"), "medium": ("#A8B7A0", "#7F937A"), "dark": ("#55606E", "#3A4452")}
INK = "#2B3440"


def svg_of(item: Item) -> str:
    """Draw a product as a self-contained SVG, 240 × 240, without fonts; the same text for the same item.

    Examples
    --------
    >>> from crosslift.testing.demo.catalog import get_item
    >>> svg_of(get_item("DRP-V60-02"))[:74]
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240" width="240" '
    """
    pick = blake2b(item.product_id.encode(), digest_size=2).digest()[0]
    accent, sheet = ACCENTS[pick % len(ACCENTS)]
    material = str(item.attributes.get("color", item.attributes.get("material", USUAL.get(item.shape, "steel"))))
    main, shade = MATERIALS.get(material, MATERIALS["steel"])
    main, shade = ROASTS.get(str(item.attributes.get("roast", "")), (main, shade))
    body = Template(SHAPES[item.shape]).substitute(main=main, shade=shade, accent=accent, deep=INK)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240" width="240" height="240" role="img">'
        f"<title>{escape(item.title)}</title>"
        f'<rect width="240" height="240" rx="12" fill="{sheet}"/>'
        f'<ellipse cx="120" cy="200" rx="84" ry="9" fill="{INK}" opacity=".08"/>'
        f"{body}</svg>\n"
    )
