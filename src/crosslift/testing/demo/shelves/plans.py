"""What is held rather than bought: plans that run until somebody ends them. Nothing here is in any order."""
# ruff: noqa: E501
# fmt: off

from crosslift.testing.demo.item import shelf

PLANS = shelf(
    "services/plans",
    "none",
    "certificate",
    [
        ("PLAN-BEANS", "Roaster's Choice Plan, Two Bags a Month", "로스터 추천 정기구독 월 2봉", "ロースターおまかせ定期便 月2袋", "Moru", 26_000, 0, {"period": "30 days"}),
        ("PLAN-DESC", "Descaling Plan, Every 90 Days", "스케일 제거 정기구독 90일마다", "除石灰プラン 90日ごと", "Moru", 9_000, 0, {"period": "90 days"}),
        ("PLAN-CARE-ESP", "Machine Care Plan with Yearly Check", "머신 케어 플랜 연 1회 점검", "マシンケアプラン 年1回点検付き", "Moru", 8_900, 0, {"period": "30 days", "shape": "shield"}),
        ("PLAN-CARE-GRD", "Grinder Care Plan with Yearly Calibration", "그라인더 케어 플랜 연 1회 영점 조정", "グラインダーケアプラン 年1回調整付き", "Moru", 4_900, 0, {"period": "30 days", "shape": "shield"}),
    ],
    kind="plan",
)
