"""The ways an item can be had: colors, bag sizes, voltages, cloth sizes of the travel mugs."""

from crosslift.testing.demo.item import Variant

GLAZES = (
    Variant("WHT", "White", "화이트", "ホワイト", 0.55, attributes={"color": "white"}),
    Variant("BLK", "Black", "블랙", "ブラック", 0.30, attributes={"color": "black"}),
    Variant("CEL", "Celadon", "청자색", "青磁", 0.15, attributes={"color": "celadon"}),
)
METALS = (
    Variant("SLV", "Silver", "실버", "シルバー", 0.6, attributes={"color": "silver"}),
    Variant("BLK", "Matte Black", "매트 블랙", "マットブラック", 0.4, attributes={"color": "black"}),
)
ENAMELS = (
    Variant("NVY", "Navy", "네이비", "ネイビー", 0.45, attributes={"color": "navy"}),
    Variant("IVR", "Ivory", "아이보리", "アイボリー", 0.35, attributes={"color": "ivory"}),
    Variant("RED", "Brick Red", "벽돌색", "れんが色", 0.20, attributes={"color": "red"}),
)
BAGS = (
    Variant("200", "200 g", "200g", "200g", 0.72, attributes={"grams": 200}),
    Variant("500", "500 g", "500g", "500g", 0.28, 2.2, attributes={"grams": 500}),
)
#: The market decides: 220 V in Korea, 100 V in Japan, 120 V in the United States.
VOLTAGES = (
    Variant("220V", "220 V", "220V", "220V", 0.0, attributes={"voltage": 220, "market": "KR"}),
    Variant("100V", "100 V", "100V", "100V", 0.0, attributes={"voltage": 100, "market": "JP"}),
    Variant("120V", "120 V", "120V", "120V", 0.0, attributes={"voltage": 120, "market": "US"}),
)
