"""Moka, presses, syphon, and everything cold."""
# ruff: noqa: E501
# fmt: off

from crosslift.testing.demo.item import shelf
from crosslift.testing.demo.shelves.options import METALS

MOKA = shelf(
    "moka/pots",
    "moka",
    "moka",
    [
        ("MOKA-1", "Moka Pot, 1 Cup", "모카포트 1컵", "モカポット 1カップ", "Forno Alto", 28_000, 5, {"cups": 1}),
        ("MOKA-3", "Moka Pot, 3 Cups", "모카포트 3컵", "モカポット 3カップ", "Forno Alto", 36_000, 14, {"cups": 3}),
        ("MOKA-6", "Moka Pot, 6 Cups", "모카포트 6컵", "モカポット 6カップ", "Forno Alto", 48_000, 6, {"cups": 6}),
        ("MOKA-IND-4", "Induction Moka Pot, 4 Cups", "인덕션 모카포트 4컵", "IH対応モカポット 4カップ", "Forno Alto", 62_000, 7, {"cups": 4, "induction": True}),
    ],
    need="moka-pot",
    variants={"MOKA-3": METALS},
)
MOKA_PARTS = shelf(
    "moka/parts",
    "moka",
    "ring",
    [
        ("MOKA-GSK-1", "Gasket and Filter for Moka, 1 Cup", "모카포트 개스킷·필터 1컵용", "モカポット パッキン・フィルター 1カップ用", "Forno Alto", 5_000, 2.5, {"cups": 1}),
        ("MOKA-GSK-3", "Gasket and Filter for Moka, 3 Cups", "모카포트 개스킷·필터 3컵용", "モカポット パッキン・フィルター 3カップ用", "Forno Alto", 6_000, 6, {"cups": 3}),
        ("MOKA-GSK-6", "Gasket and Filter for Moka, 6 Cups", "모카포트 개스킷·필터 6컵용", "モカポット パッキン・フィルター 6カップ用", "Forno Alto", 7_000, 3, {"cups": 6}),
        ("MOKA-PLATE", "Induction Plate for Moka", "모카포트용 인덕션 플레이트", "モカポット用IHプレート", "Ridgeline", 19_000, 5, {"shape": "mat"}),
        ("MOKA-TRIVET", "Gas Ring Reducer", "가스레인지 삼발이", "ガスコンロ用五徳", "Ridgeline", 8_000, 5, {"shape": "stand"}),
    ],
)
PRESSES = shelf(
    "immersion/presses",
    "moka",
    "press",
    [
        ("AER-STD", "Air Press", "에어 프레스", "エアプレス", "Ridgeline", 49_000, 13, {"filter_size": "round-63", "shape": "air_press", "need": "air-press"}),
        ("AER-GO", "Air Press Travel", "에어 프레스 트래블", "エアプレス トラベル", "Ridgeline", 56_000, 6, {"filter_size": "round-63", "shape": "air_press", "need": "air-press"}),
        ("FLT-AER", "Round Filters for Air Press, 350 Sheets", "에어 프레스 원형 필터, 350매", "エアプレス用丸フィルター 350枚", "Ridgeline", 9_000, 8, {"filter_size": "round-63", "count": 350, "shape": "filter"}),
        ("FLT-AER-MTL", "Metal Filter for Air Press", "에어 프레스 메탈 필터", "エアプレス用メタルフィルター", "Ridgeline", 18_000, 4, {"filter_size": "round-63", "shape": "basket"}),
        ("FRP-350", "French Press, 350 ml", "프렌치 프레스 350ml", "フレンチプレス 350ml", "Nordlys", 28_000, 7, {"milliliters": 350, "need": "french-press"}),
        ("FRP-800", "French Press, 800 ml", "프렌치 프레스 800ml", "フレンチプレス 800ml", "Nordlys", 39_000, 6, {"milliliters": 800, "need": "french-press"}),
        ("SYP-3", "Syphon, 3 Cups", "사이폰 3인용", "サイフォン 3人用", "Sora Works", 128_000, 2.5, {"cups": 3, "filter_size": "syphon", "shape": "syphon", "need": "syphon"}),
        ("FLT-SYP", "Syphon Cloth Filters, 5 Pieces", "사이폰 융 필터 5장", "サイフォン用ろ過布 5枚", "Sora Works", 9_000, 2.5, {"count": 5, "filter_size": "syphon", "shape": "filter"}),
        ("IBR-350", "Copper Cezve, 350 ml", "구리 이브릭 350ml", "銅のイブリック 350ml", "Sora Works", 34_000, 3, {"milliliters": 350, "shape": "kettle", "material": "copper"}),
    ],
)
COLD = shelf(
    "cold/brewers",
    "cold",
    "bottle",
    [
        ("CLD-POT-1000", "Cold Brew Pot, 1 Liter", "콜드브루 포트 1L", "水出しコーヒーポット 1L", "Kumo", 32_000, 12, {"milliliters": 1000, "season": "summer", "need": "cold-brewer"}),
        ("CLD-BTL-750", "Filter-in Bottle, 750 ml", "필터 인 보틀 750ml", "フィルターインボトル 750ml", "Kumo", 27_000, 9, {"milliliters": 750, "season": "summer", "need": "cold-brewer"}),
        ("CLD-TOWER", "Cold Drip Tower, 6 Cups", "더치커피 기구 6인용", "水出しドリップタワー 6人用", "Sora Works", 189_000, 2, {"season": "summer", "shape": "syphon"}),
        ("CLD-KEG", "Nitro Keg, 2 Liters", "니트로 케그 2L", "ナイトロケグ 2L", "Ridgeline", 168_000, 1.5, {"season": "summer"}),
        ("CLD-BAGS", "Cold Brew Bags, 40 Pieces", "콜드브루 다시백 40매", "水出し用パック 40枚", "Moru", 6_500, 8, {"count": 40, "season": "summer", "shape": "sachet"}),
        ("ICE-SET-DRIP", "Iced Pour-Over Set", "아이스 드립 세트", "アイスドリップセット", "Moru", 58_000, 8, {"season": "summer", "shape": "set_box"}),
        ("ICE-SET-COLD", "Cold Brew Starter Set", "콜드브루 입문 세트", "水出しコーヒーはじめてセット", "Moru", 46_000, 7, {"season": "summer", "shape": "set_box"}),
        ("ICE-TRAY-BALL", "Ice Ball Tray", "원형 얼음 트레이", "丸氷トレー", "Kumo", 13_000, 7, {"season": "summer", "shape": "tray", "need": "ice-tray"}),
        ("ICE-TRAY-CUBE", "Ice Cube Tray with Lid", "뚜껑 있는 얼음 트레이", "ふた付き製氷皿", "Kumo", 10_000, 7, {"season": "summer", "shape": "tray", "need": "ice-tray"}),
        ("ICE-GLASS", "Iced Coffee Glasses, Set of 2", "아이스커피 글라스 2개 세트", "アイスコーヒーグラス 2個組", "Sora Works", 24_000, 9, {"season": "summer", "shape": "glass"}),
    ],
)
IMMERSION = MOKA + MOKA_PARTS + PRESSES + COLD
