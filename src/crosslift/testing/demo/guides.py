"""What people read: a dozen guides and questions, some of which lead to a purchase, some of which do not.

Who is about to buy what a guide leads to, has read it within the two days before with probability `READ_BEFORE`; who has
bought what it is about, reads it in the days after with `READ_AFTER`; and some come by at any time. Two answer a question
and lead nowhere: they are the trap.
"""
# ruff: noqa: E501

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosslift.testing.demo.catalog import CATALOG, PLACE
from crosslift.testing.demo.errands import Ints
from crosslift.testing.demo.people import ORDERS, People
from crosslift.testing.demo.process import CHANNELS
from crosslift.testing.demo.receipts import DAY_SECONDS, FIRST_SECOND, LAST_SECOND
from crosslift.testing.demo.sales import Lines, Visits
from crosslift.testing.demo.seasons import N_DAYS, busy_days
from crosslift.testing.demo.stories import TAGS

READ_BEFORE, READ_AFTER = 0.22, 0.15
BEFORE_SECONDS, AFTER_SECONDS = (600, 2 * DAY_SECONDS), (DAY_SECONDS, 6 * DAY_SECONDS)
#: Visits of one page by people with nothing in mind, at 40,000 orders.
PASSERS_BY = 260
KNOWN_PASSERS_BY = 0.5


@dataclass(frozen=True, slots=True)
class Guide:
    """A page of advice: what it is about (a product id or nothing), and what its readers go on to buy."""

    content_id: str
    title: str
    title_ko: str
    title_ja: str
    about: str = ""
    leads_to: tuple[str, ...] = ()


# fmt: off
GUIDES = (
    Guide("guide-pour-over", "How to brew pour-over", "핸드드립 내리는 법", "ハンドドリップの淹れ方", "DRP-V60-02", ("FLT-02", "KTL-GN-900", "SCL-TIMER")),
    Guide("guide-filter-sizes", "Which filter fits?", "필터 사이즈 고르기", "フィルターのサイズ選び", "", ("FLT-02", "FLT-01", "FLT-185")),
    Guide("guide-grind", "Grinding for every brewer", "추출 도구별 분쇄도", "器具別の挽き目", "GRD-H-38", ("GRD-BRUSH", "SCL-TIMER")),
    Guide("guide-grinder-care", "Cleaning a grinder", "그라인더 청소하기", "グラインダーの掃除", "GRD-E-ENTRY", ("GRD-TABS", "GRD-BRUSH")),
    Guide("guide-tamping", "Tamping level", "수평 탬핑 하는 법", "水平なタンピング", "TMP-58", ("MAT-TAMP", "DST-58")),
    Guide("guide-descale", "Descaling your machine", "머신 스케일 제거", "マシンの除石灰", "ESP-HOME-58", ("DSC-POWDER", "CLN-TABS")),
    Guide("guide-milk", "Steaming milk", "우유 스팀 하는 법", "ミルクのスチーム", "PIT-350", ("PEN-LATTE", "THM-DIGITAL")),
    Guide("guide-moka", "Moka without bitterness", "쓰지 않은 모카포트", "苦くないモカポット", "MOKA-3", ("MOKA-GSK-3", "MOKA-PLATE")),
    Guide("guide-air-press", "Three air press recipes", "에어 프레스 레시피 3가지", "エアプレスの三つのレシピ", "AER-STD", ("FLT-AER", "FLT-AER-MTL")),
    Guide("guide-cold-brew", "Cold brew overnight", "밤새 우리는 콜드브루", "一晩の水出しコーヒー", "CLD-POT-1000", ("CLD-BAGS", "ICE-TRAY-BALL")),
    Guide("guide-storage", "Keeping beans fresh", "원두 신선하게 보관하기", "豆の保存", "", ("CAN-VAC-500", "BAG-CLIPS")),
    Guide("faq-voltage", "Which voltage do I need?", "전압은 어떤 것을 고르나요?", "電圧はどれを選べばいいですか", "KTL-EL-800"),
    Guide("faq-shipping", "When will it arrive?", "언제 도착하나요?", "いつ届きますか"),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Reads:
    """One row a page read, in order of time; columns as in `views.Views`, `guide` a place in `GUIDES`."""

    at: Ints
    person: Ints
    device: Ints
    is_known: NDArray[np.bool_]
    channel: Ints
    guide: Ints


def draw_reads(people: People, visits: Visits, lines: Lines, seed: int) -> Reads:
    """Draw every page read that goes with these sales."""
    rng = np.random.Generator(np.random.PCG64([seed, 5]))
    parts = [
        part
        for place, guide in enumerate(GUIDES)
        for part in (
            _around(visits, lines, place, guide.leads_to, READ_BEFORE, BEFORE_SECONDS, -1, rng),
            _around(visits, lines, place, (guide.about,) if guide.about else (), READ_AFTER, AFTER_SECONDS, 1, rng),
            _passing(people, len(visits.at), place, rng),
        )
    ]
    at, person, device, known, channel, guides = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    kept = np.flatnonzero(at <= LAST_SECOND)
    kept = kept[np.argsort(at[kept], kind="stable")]
    return Reads(at[kept], person[kept], device[kept], known[kept].astype(bool), channel[kept], guides[kept])


def online_lines(visits: Visits, lines: Lines, product_ids: tuple[str, ...]) -> Ints:
    """Give the lines of these products that known people took on the web or in the app, the bot's left out."""
    wanted = np.zeros(len(CATALOG), dtype=bool)
    wanted[[PLACE[product_id] for product_id in product_ids]] = True
    online = (visits.channel < CHANNELS.index("till")) & (visits.person >= 0) & (visits.tag == TAGS.index(""))
    return np.flatnonzero(wanted[lines.product] & (lines.quantity > 0) & online[lines.order])


def _around(
    visits: Visits, lines: Lines, place: int, product_ids: tuple[str, ...], share: float, seconds: tuple[int, int],
    side: int, rng: np.random.Generator,
) -> tuple[Ints, ...]:  # fmt: skip
    """Give the reads of a guide before (`side` −1) or after (1) purchases of these products."""
    line = online_lines(visits, lines, product_ids)
    order = np.unique(lines.order[line[rng.random(len(line)) < share]])
    at = visits.at[order] + side * rng.integers(*seconds, len(order))
    person, n = visits.person[order], len(order)
    return at, person, person, np.ones(n, dtype=np.int64), visits.channel[order], np.full(n, place)


def _passing(people: People, n_orders: int, place: int, rng: np.random.Generator) -> tuple[Ints, ...]:
    """Give the reads of a guide by people who happen to pass."""
    n = round(PASSERS_BY * n_orders / ORDERS)
    person = rng.choice(np.flatnonzero(people.takes_part), size=n)
    day = np.minimum(np.searchsorted(busy_days(), rng.random(n), side="right"), N_DAYS - 1)
    at = FIRST_SECOND + day * DAY_SECONDS + rng.integers(0, DAY_SECONDS, n)
    known = (rng.random(n) < KNOWN_PASSERS_BY).astype(np.int64)
    return at, person, person, known, rng.integers(0, 2, n), np.full(n, place)
