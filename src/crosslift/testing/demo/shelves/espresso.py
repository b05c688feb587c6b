"""The espresso corner: machines, tools by portafilter size, milk, and the care a machine needs."""
# ruff: noqa: E501
# fmt: off

from crosslift.testing.demo.item import shelf
from crosslift.testing.demo.shelves.options import METALS, VOLTAGES

MACHINES = shelf(
    "espresso/machines",
    "espresso",
    "machine",
    [
        ("ESP-LEVER-51", "Lever Espresso Machine, 51 mm", "레버 에스프레소 머신 51mm", "レバー式エスプレッソマシン 51mm", "Forno Alto", 690_000, 2.5, {"portafilter_mm": 51, "tier": 2}),
        ("ESP-MINI-51", "Espresso Machine Mini, 51 mm", "에스프레소 머신 미니 51mm", "エスプレッソマシン ミニ 51mm", "Palette", 239_000, 7, {"portafilter_mm": 51, "tier": 1}),
        ("ESP-HOME-54", "Espresso Machine Home, 54 mm", "에스프레소 머신 홈 54mm", "エスプレッソマシン ホーム 54mm", "Palette", 590_000, 8, {"portafilter_mm": 54, "tier": 2}),
        ("ESP-HOME-58", "Espresso Machine Classic, 58 mm", "에스프레소 머신 클래식 58mm", "エスプレッソマシン クラシック 58mm", "Forno Alto", 790_000, 10, {"portafilter_mm": 58, "tier": 2}),
        ("ESP-DUAL-58", "Dual-Boiler Espresso Machine, 58 mm", "듀얼 보일러 에스프레소 머신 58mm", "デュアルボイラー エスプレッソマシン 58mm", "Forno Alto", 2_290_000, 2.5, {"portafilter_mm": 58, "tier": 3}),
        ("ESP-CAPSULE", "Capsule Machine Compact", "캡슐 커피 머신 컴팩트", "カプセルコーヒーマシン コンパクト", "Palette", 159_000, 6, {"capsule": "standard", "tier": 1}),
    ],
    need="espresso-machine",
    variants={"ESP-MINI-51": VOLTAGES, "ESP-HOME-54": VOLTAGES, "ESP-HOME-58": VOLTAGES, "ESP-DUAL-58": VOLTAGES, "ESP-CAPSULE": VOLTAGES},
)
TOOLS = shelf(
    "espresso/tools",
    "espresso",
    "tamper",
    [
        ("TMP-51", "Tamper, 51 mm", "탬퍼 51mm", "タンパー 51mm", "Palette", 28_000, 4, {"portafilter_mm": 51, "need": "tamper"}),
        ("TMP-54", "Tamper, 54 mm", "탬퍼 54mm", "タンパー 54mm", "Palette", 32_000, 5, {"portafilter_mm": 54, "need": "tamper"}),
        ("TMP-58", "Tamper, 58 mm", "탬퍼 58mm", "タンパー 58mm", "Palette", 36_000, 9, {"portafilter_mm": 58, "need": "tamper"}),
        ("TMP-58-SPRING", "Calibrated Spring Tamper, 58 mm", "스프링 수평 탬퍼 58mm", "スプリング式レベリングタンパー 58mm", "Nordlys", 79_000, 5, {"portafilter_mm": 58, "need": "tamper"}),
        ("DST-54", "Coffee Distributor, 54 mm", "디스트리뷰터 54mm", "ディストリビューター 54mm", "Palette", 29_000, 3.5, {"portafilter_mm": 54}),
        ("DST-58", "Coffee Distributor, 58 mm", "디스트리뷰터 58mm", "ディストリビューター 58mm", "Palette", 33_000, 6, {"portafilter_mm": 58}),
        ("PTF-54-BTL", "Bottomless Portafilter, 54 mm", "바텀리스 포터필터 54mm", "ボトムレスポルタフィルター 54mm", "Nordlys", 62_000, 3, {"portafilter_mm": 54, "shape": "portafilter"}),
        ("PTF-58-BTL", "Bottomless Portafilter, 58 mm", "바텀리스 포터필터 58mm", "ボトムレスポルタフィルター 58mm", "Nordlys", 74_000, 5, {"portafilter_mm": 58, "shape": "portafilter"}),
        ("BSK-58-18", "Precision Basket 18 g, 58 mm", "정밀 바스켓 18g 58mm", "精密バスケット 18g 58mm", "Nordlys", 38_000, 5, {"portafilter_mm": 58, "shape": "basket"}),
        ("PSC-58", "Puck Screen, 58 mm", "퍽 스크린 58mm", "パックスクリーン 58mm", "Palette", 16_000, 6, {"portafilter_mm": 58, "shape": "basket"}),
        ("WDT-TOOL", "Needle Distribution Tool", "WDT 침칠봉", "WDTニードルツール", "Ridgeline", 24_000, 7, {"shape": "needle"}),
        ("FNL-58", "Dosing Funnel, 58 mm", "도징 링 58mm", "ドーシングファネル 58mm", "Palette", 15_000, 5, {"portafilter_mm": 58, "shape": "basket"}),
        ("MAT-TAMP", "Tamping Mat, Silicone", "탬핑 매트 실리콘", "タンピングマット シリコーン", "Moru", 12_000, 7, {"shape": "mat"}),
        ("STN-TAMP", "Tamping Station, Walnut", "탬핑 스테이션 호두나무", "タンピングステーション くるみ材", "Tsubaki", 58_000, 3, {"shape": "stand", "material": "wood"}),
        ("KNB-S", "Knock Box, Small", "넉박스 소형", "ノックボックス 小", "Moru", 22_000, 6, {"shape": "knock_box"}),
        ("KNB-L", "Knock Box, Café Size", "넉박스 업소용", "ノックボックス 業務用", "Moru", 48_000, 0.5, {"world": "cafe", "shape": "knock_box"}),
        ("SHT-GLASS", "Shot Glass with Scale, 70 ml", "눈금 샷 글라스 70ml", "目盛り付きショットグラス 70ml", "Sora Works", 8_000, 7, {"shape": "glass"}),
    ],
)
MILK = shelf(
    "espresso/milk",
    "espresso",
    "pitcher",
    [
        ("PIT-350", "Milk Pitcher, 350 ml", "스팀 피처 350ml", "ミルクピッチャー 350ml", "Palette", 24_000, 9, {"milliliters": 350, "need": "pitcher"}),
        ("PIT-600", "Milk Pitcher, 600 ml", "스팀 피처 600ml", "ミルクピッチャー 600ml", "Palette", 29_000, 5, {"milliliters": 600, "need": "pitcher"}),
        ("PEN-LATTE", "Latte Art Pen", "라테 아트 펜", "ラテアートペン", "Palette", 8_500, 4, {"shape": "pen"}),
        ("FRT-WAND", "Milk Frother, Rechargeable", "충전식 우유 거품기", "充電式ミルクフォーマー", "Moru", 26_000, 9, {"shape": "needle"}),
    ],
    variants={"PIT-350": METALS, "PIT-600": METALS},
)
CARE = shelf(
    "care/machine-care",
    "espresso",
    "jar",
    [
        ("DSC-POWDER", "Descaler Powder, 3 Sachets", "스케일 제거제 분말 3포", "除石灰剤 粉末 3包", "Moru", 12_000, 9, {"uses": 3, "need": "descaler", "shape": "sachet"}),
        ("DSC-LIQUID", "Descaler Liquid, 500 ml", "스케일 제거제 액상 500ml", "除石灰剤 液体 500ml", "Moru", 18_000, 6, {"uses": 5, "need": "descaler", "shape": "bottle"}),
        ("CLN-TABS", "Machine Cleaning Tablets, 60 Pieces", "머신 세정제 60정", "マシン洗浄タブレット 60錠", "Moru", 28_000, 6, {"uses": 60}),
        ("CLN-POWDER", "Backflush Powder, 500 g", "백플러시 세정 분말 500g", "バックフラッシュ洗剤 500g", "Moru", 24_000, 5, {"uses": 100}),
        ("CLN-MILK", "Milk System Cleaner, 1 Liter", "우유 라인 세정제 1L", "ミルクライン洗浄液 1L", "Moru", 21_000, 3, {"shape": "bottle"}),
        ("CLN-BLIND-58", "Blind Basket, 58 mm", "블라인드 바스켓 58mm", "ブラインドバスケット 58mm", "Palette", 9_000, 4, {"portafilter_mm": 58, "shape": "basket"}),
        ("CLN-GROUP", "Group Head Brush", "그룹헤드 브러시", "グループヘッドブラシ", "Moru", 13_000, 5, {"shape": "brush"}),
        ("CLN-CLOTH", "Barista Cloths, Set of 4", "바리스타 행주 4장", "バリスタクロス 4枚組", "Moru", 14_000, 7, {"shape": "cloth"}),
        ("GSK-58", "Group Gasket, 58 mm", "그룹 개스킷 58mm", "グループパッキン 58mm", "Forno Alto", 11_000, 2.5, {"portafilter_mm": 58, "shape": "ring"}),
        ("GSK-54", "Group Gasket, 54 mm", "그룹 개스킷 54mm", "グループパッキン 54mm", "Palette", 11_000, 2, {"portafilter_mm": 54, "shape": "ring"}),
        ("WTR-CART", "Water Filter Cartridge", "정수 필터 카트리지", "浄水カートリッジ", "Baram", 23_000, 6, {"shape": "bottle"}),
    ],
)
ESPRESSO = MACHINES + TOOLS + MILK + CARE
