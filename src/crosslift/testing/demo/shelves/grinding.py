"""Grinders from the first hand mill to the café's, and what keeps them sharp."""
# ruff: noqa: E501
# fmt: off

from crosslift.testing.demo.item import shelf
from crosslift.testing.demo.shelves.options import METALS, VOLTAGES

HAND_GRINDERS = shelf(
    "grinders/hand",
    "pour",
    "hand_grinder",
    [
        ("GRD-H-MINI", "Hand Grinder Mini, Ceramic Burr", "미니 핸드밀 세라믹 버", "手挽きミル ミニ セラミック刃", "Kumo", 29_000, 9, {"tier": 1, "burr_mm": 34}),
        ("GRD-H-WOOD", "Wooden Box Mill", "우드 박스 핸드밀", "木箱の手挽きミル", "Tsubaki", 48_000, 4, {"tier": 1, "burr_mm": 36}),
        ("GRD-H-38", "Hand Grinder 38, Steel Burr", "핸드 그라인더 38 스틸 버", "手挽きグラインダー 38 鋼刃", "Ridgeline", 89_000, 15, {"tier": 1, "burr_mm": 38}),
        ("GRD-H-TRAVEL", "Travel Hand Grinder, Fits in a Press", "여행용 핸드 그라인더", "旅の手挽きグラインダー", "Ridgeline", 64_000, 6, {"tier": 1, "burr_mm": 38}),
        ("GRD-H-48", "Hand Grinder 48, Titanium-Coated Burr", "핸드 그라인더 48 티타늄 코팅 버", "手挽きグラインダー 48 チタンコート刃", "Ridgeline", 198_000, 6, {"tier": 2, "burr_mm": 48}),
    ],
    need="hand-grinder",
    variants={"GRD-H-38": METALS},
)
ELECTRIC_GRINDERS = shelf(
    "grinders/electric",
    "common",
    "electric_grinder",
    [
        ("GRD-E-ENTRY", "Electric Grinder Start, 40 mm Conical", "전동 그라인더 스타트 40mm 코니컬", "電動グラインダー スタート 40mmコニカル", "Baram", 149_000, 10, {"tier": 2, "burr_mm": 40}),
        ("GRD-E-QUIET", "Electric Grinder Whisper, 40 mm", "저소음 전동 그라인더 위스퍼 40mm", "静音電動グラインダー ウィスパー 40mm", "Palette", 178_000, 9, {"tier": 2, "burr_mm": 40}),
        ("GRD-E-54", "Electric Grinder 54, Flat Burr", "전동 그라인더 54 플랫 버", "電動グラインダー 54 フラット刃", "Baram", 268_000, 7, {"tier": 2, "burr_mm": 54}),
        ("GRD-E-ESP", "Espresso Grinder Stepless, 54 mm", "에스프레소 그라인더 무단 조절 54mm", "エスプレッソグラインダー 無段階 54mm", "Forno Alto", 389_000, 7, {"tier": 3, "burr_mm": 54}),
        ("GRD-E-PRO64", "Electric Grinder Pro 64, Single Dose", "전동 그라인더 프로 64 싱글 도징", "電動グラインダー プロ 64 シングルドーズ", "Nordlys", 620_000, 4, {"tier": 3, "burr_mm": 64}),
    ],
    need="electric-grinder",
    variants={"GRD-E-ENTRY": VOLTAGES, "GRD-E-QUIET": VOLTAGES, "GRD-E-54": VOLTAGES, "GRD-E-ESP": VOLTAGES, "GRD-E-PRO64": VOLTAGES},
)
GRINDER_CARE = shelf(
    "grinders/accessories",
    "common",
    "brush",
    [
        ("GRD-BRUSH", "Grinder Brush, Boar Bristle", "그라인더 청소 브러시 돈모", "グラインダーブラシ 豚毛", "Moru", 9_000, 8, {}),
        ("GRD-TABS", "Grinder Cleaning Tablets, 10 Uses", "그라인더 세정제 10회분", "グラインダー洗浄剤 10回分", "Moru", 16_000, 7, {"uses": 10, "shape": "jar"}),
        ("GRD-BURR-38", "Replacement Burr Set, 38 mm", "교체용 버 세트 38mm", "交換用刃セット 38mm", "Ridgeline", 34_000, 2.5, {"burr_mm": 38, "shape": "burr"}),
        ("GRD-BURR-40", "Replacement Burr Set, 40 mm", "교체용 버 세트 40mm", "交換用刃セット 40mm", "Baram", 39_000, 2.5, {"burr_mm": 40, "shape": "burr"}),
        ("GRD-BURR-54", "Replacement Burr Set, 54 mm", "교체용 버 세트 54mm", "交換用刃セット 54mm", "Baram", 68_000, 2, {"burr_mm": 54, "shape": "burr"}),
        ("GRD-CUP", "Dosing Cup, 58 mm", "도징컵 58mm", "ドーシングカップ 58mm", "Palette", 26_000, 5, {"portafilter_mm": 58, "shape": "dosing_cup"}),
    ],
)
GRINDING = HAND_GRINDERS + ELECTRIC_GRINDERS + GRINDER_CARE
