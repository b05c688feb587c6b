"""Coffee itself, and what goes into the cup beside it."""
# ruff: noqa: E501
# fmt: off

from crosslift.testing.demo.item import shelf
from crosslift.testing.demo.shelves.options import BAGS

SINGLE_ORIGINS = shelf(
    "beans/single-origin",
    "beans",
    "beans",
    [
        ("BEAN-ETH-YIR", "Ethiopia Yirgacheffe, Washed", "에티오피아 예가체프 워시드", "エチオピア イルガチェフェ ウォッシュト", "Moru", 16_000, 32, {"roast": "light"}),
        ("BEAN-ETH-GUJ", "Ethiopia Guji, Natural", "에티오피아 구지 내추럴", "エチオピア グジ ナチュラル", "Moru", 18_000, 20, {"roast": "light"}),
        ("BEAN-KEN-AA", "Kenya Nyeri AA", "케냐 니에리 AA", "ケニア ニエリ AA", "Moru", 18_500, 14, {"roast": "light"}),
        ("BEAN-RWA-HUY", "Rwanda Huye Mountain", "르완다 후예 마운틴", "ルワンダ フイエマウンテン", "Moru", 17_000, 7, {"roast": "light"}),
        ("BEAN-COL-HUI", "Colombia Huila", "콜롬비아 우일라", "コロンビア ウィラ", "Moru", 15_500, 18, {"roast": "medium"}),
        ("BEAN-COL-GEI", "Colombia Gesha, 100 g", "콜롬비아 게이샤 100g", "コロンビア ゲイシャ 100g", "Moru", 32_000, 5, {"roast": "light"}),
        ("BEAN-GTM-ANT", "Guatemala Antigua", "과테말라 안티구아", "グアテマラ アンティグア", "Moru", 15_500, 14, {"roast": "medium"}),
        ("BEAN-CRI-TAR", "Costa Rica Tarrazú, Honey", "코스타리카 따라주 허니", "コスタリカ タラス ハニー", "Moru", 17_000, 9, {"roast": "medium"}),
        ("BEAN-BRA-CER", "Brazil Cerrado", "브라질 세하도", "ブラジル セラード", "Moru", 13_500, 15, {"roast": "medium"}),
        ("BEAN-SUM-MAN", "Sumatra Mandheling", "수마트라 만델링", "スマトラ マンデリン", "Moru", 16_000, 12, {"roast": "dark"}),
        ("BEAN-PAN-GEI", "Panama Gesha, 100 g", "파나마 게이샤 100g", "パナマ ゲイシャ 100g", "Moru", 48_000, 4, {"roast": "light"}),
    ],
    variants={"BEAN-ETH-YIR": BAGS, "BEAN-ETH-GUJ": BAGS, "BEAN-KEN-AA": BAGS, "BEAN-COL-HUI": BAGS, "BEAN-GTM-ANT": BAGS, "BEAN-BRA-CER": BAGS, "BEAN-SUM-MAN": BAGS},
)
BLENDS = shelf(
    "beans/blends",
    "beans",
    "beans",
    [
        ("BLD-MORNING", "Morning Blend", "모닝 블렌드", "モーニングブレンド", "Moru", 13_000, 30, {"roast": "medium"}),
        ("BLD-SEOUL", "Seoul Alley Blend", "서울 골목 블렌드", "ソウル路地裏ブレンド", "Moru", 14_000, 22, {"roast": "medium"}),
        ("BLD-KISSA", "Kissaten Dark Blend", "킷사텐 다크 블렌드", "喫茶店の深煎りブレンド", "Moru", 14_500, 15, {"roast": "dark"}),
        ("BLD-ESP", "Espresso Blend Forte", "에스프레소 블렌드 포르테", "エスプレッソブレンド フォルテ", "Moru", 14_500, 24, {"roast": "dark", "world": "espresso"}),
        ("BLD-MILK", "Latte Blend", "라테 블렌드", "ラテブレンド", "Moru", 14_000, 13, {"roast": "dark"}),
        ("BLD-DECAF", "Decaf Blend, Water Process", "디카페인 블렌드 워터 프로세스", "デカフェブレンド ウォータープロセス", "Moru", 16_500, 13, {"roast": "medium"}),
        ("BLD-SUMMER", "Summer Ice Blend", "여름 아이스 블렌드", "夏のアイスブレンド", "Moru", 14_000, 9, {"roast": "dark", "season": "summer"}),
        ("BLD-WINTER", "Winter Evening Blend", "겨울 저녁 블렌드", "冬の夜ブレンド", "Moru", 14_500, 8, {"roast": "dark", "season": "winter"}),
    ],
    variants={"BLD-MORNING": BAGS, "BLD-SEOUL": BAGS, "BLD-KISSA": BAGS, "BLD-ESP": BAGS, "BLD-MILK": BAGS},
)
CAFE_BEANS = shelf(
    "beans/cafe",
    "cafe",
    "beans",
    [
        ("BLD-HOUSE-1KG", "House Blend for Cafés, 1 kg", "업소용 하우스 블렌드 1kg", "業務用ハウスブレンド 1kg", "Moru", 36_000, 5, {"roast": "medium", "grams": 1000}),
        ("BLD-ESP-1KG", "Espresso Blend for Cafés, 1 kg", "업소용 에스프레소 블렌드 1kg", "業務用エスプレッソブレンド 1kg", "Moru", 39_000, 6, {"roast": "dark", "grams": 1000}),
        ("BLD-DECAF-1KG", "Decaf for Cafés, 1 kg", "업소용 디카페인 1kg", "業務用デカフェ 1kg", "Moru", 46_000, 2.5, {"roast": "medium", "grams": 1000}),
    ],
)
QUICK = shelf(
    "beans/drip-bags-and-capsules",
    "beans",
    "drip_bag",
    [
        ("DBG-10", "Drip Bags, Box of 10", "드립백 10개입", "ドリップバッグ 10袋", "Moru", 12_000, 20, {"count": 10}),
        ("DBG-30", "Drip Bags, Box of 30", "드립백 30개입", "ドリップバッグ 30袋", "Moru", 32_000, 11, {"count": 30}),
        ("DBG-DECAF", "Decaf Drip Bags, Box of 10", "디카페인 드립백 10개입", "デカフェドリップバッグ 10袋", "Moru", 13_500, 8, {"count": 10}),
        ("STK-INSTANT", "Specialty Instant, 20 Sticks", "스페셜티 인스턴트 20스틱", "スペシャルティインスタント 20本", "Moru", 18_000, 10, {"count": 20}),
        ("CAP-LUNGO", "Capsules Lungo, 30 Pieces", "룽고 캡슐 30개", "ルンゴカプセル 30個", "Moru", 19_500, 7, {"count": 30, "capsule": "standard", "shape": "capsule"}),
        ("CAP-RIST", "Capsules Ristretto, 30 Pieces", "리스트레토 캡슐 30개", "リストレットカプセル 30個", "Moru", 19_500, 6, {"count": 30, "capsule": "standard", "shape": "capsule"}),
    ],
)
PANTRY = shelf(
    "pantry/sweet",
    "table",
    "syrup",
    [
        ("SYR-VANILLA", "Vanilla Syrup, 500 ml", "바닐라 시럽 500ml", "バニラシロップ 500ml", "Palette", 13_000, 10, {"world": "counter", "milliliters": 500}),
        ("SYR-HAZEL", "Hazelnut Syrup, 500 ml", "헤이즐넛 시럽 500ml", "ヘーゼルナッツシロップ 500ml", "Palette", 13_000, 7, {"world": "counter", "milliliters": 500}),
        ("SYR-CARAMEL", "Caramel Sauce, 500 ml", "카라멜 소스 500ml", "キャラメルソース 500ml", "Palette", 15_000, 6, {"world": "counter", "milliliters": 500}),
        ("SYR-PUMP", "Syrup Pump", "시럽 펌프", "シロップポンプ", "Palette", 4_000, 5, {"world": "counter", "shape": "pump"}),
        ("SUG-CUBE", "Brown Sugar Cubes, 500 g", "갈색 각설탕 500g", "ブラウンシュガー 角砂糖 500g", "Kumo", 6_500, 6, {"shape": "box"}),
        ("BSC-ALMOND", "Almond Biscotti, 12 Pieces", "아몬드 비스코티 12개", "アーモンドビスコッティ 12本", "Kumo", 9_800, 11, {"shape": "biscuit"}),
        ("CHO-DARK", "Dark Chocolate 70 %, 3 Bars", "다크 초콜릿 70% 3개", "ダークチョコレート70% 3枚", "Kumo", 14_000, 10, {"shape": "chocolate"}),
        ("OAT-CASE", "Barista Oat Milk, Case of 6", "바리스타 귀리 음료 6팩", "バリスタ用オーツミルク 6本", "Kumo", 24_000, 8, {"world": "counter", "shape": "carton"}),
    ],
)
BEANS = SINGLE_ORIGINS + BLENDS + CAFE_BEANS + QUICK + PANTRY
