"""The customers file and the consent ledger: a name as a trait, and only the permissions somebody gave."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from crosslift.testing.demo.errands import Ints
from crosslift.testing.demo.people import People, named_people
from crosslift.testing.demo.receipts import DAY_SECONDS, FIRST_SECOND
from crosslift.testing.demo.sales import Visits
from crosslift.testing.demo.seasons import MARKETS, NOW

LOCALES = {"KR": "ko", "JP": "ja", "US": "en"}
#: Numbers that nobody has.
DIALS = {"KR": "+82-10-0000", "JP": "+81-90-0000", "US": "+1-555-010"}
FAMILY_NAMES = {
    "KR": "김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 홍",
    "JP": "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上",
    "US": "Smith Johnson Brown Garcia Miller Davis Martinez Wilson Anderson Thomas Moore Nguyen Lee Clark Hall Young",
}
GIVEN_NAMES = {
    "KR": "서연 민준 지우 하은 도윤 서준 예은 시우 수아 지호 유진 현우 지민 은우 다은 준서 소율 태윤 나연 건우",
    "JP": "陽菜 蓮 結衣 湊 葵 大翔 さくら 悠真 美咲 健太 真央 翔 七海 拓海 彩 直樹",
    "US": "Emma Liam Olivia Noah Ava Ethan Mia Lucas Grace Henry Chloe Owen Ruby Jack Nora Leo",
}
COMPANIES = {
    "KR": ("골목커피", "온기커피", "다온오피스", "별빛로스터스", "초록카페", "해담스튜디오"),
    "JP": ("喫茶みなと", "珈琲あおば", "こもれび事務所", "ロースタリー灯", "カフェひなた", "スタジオ凪"),
    "US": ("Corner Cup", "Harbor Roasters", "Maple Office", "Daylight Cafe", "Third Street Coffee", "Fern Studio"),
}
#: Share of people who gave each permission; the rest never answered, which means no.
GRANTS = (("personalization", "*", 0.58), ("marketing", "email", 0.36), ("marketing", "push", 0.14))
WITHDRAWN, DENIED = 0.07, 0.05
#: Consent texts by the second they came into use.
WORDINGS = ((0, "2023-01"), (1_740_787_200, "2025-03"), (1_767_225_600, "2026-01"))
CUSTOMER_COLUMNS = "customer_id,email,phone,locale,market,created_at,traits"
CONSENT_COLUMNS = "customer_id,purpose,channel,status,source,wording,at"
Row = tuple[str, ...]


def customer_ids(people: People) -> list[str]:
    """Give everybody's id: accounts B-0001 on, households C-00001 on, named people by their own."""
    n_accounts = int(people.is_business.sum())
    ids = [f"B-{place + 1:04d}" for place in range(n_accounts)]
    ids += [f"C-{place + 1:05d}" for place in range(len(people) - n_accounts)]
    for place, person in zip([0, *range(n_accounts, n_accounts + 4)], named_people(), strict=True):
        ids[place] = person.customer_id
    return ids


def instant(second: int) -> str:
    """Write a second since 1970 as an ISO 8601 instant.

    Examples
    --------
    >>> instant(1793404800)
    '2026-10-31T00:00:00Z'
    """
    return datetime.fromtimestamp(second, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def signed_up(people: People, visits: Visits, rng: np.random.Generator) -> Ints:
    """Draw the second each person signed up, before the first order."""
    first = np.full(len(people), FIRST_SECOND + DAY_SECONDS, dtype=np.int64)
    first = np.where(people.joined_day > 0, FIRST_SECOND + people.joined_day * DAY_SECONDS, first)
    bought = visits.person >= 0
    np.minimum.at(first, visits.person[bought], visits.at[bought])
    long_ago = (people.joined_day == 0) & (rng.random(len(people)) < 0.8)
    before = np.where(long_ago, rng.integers(1, 700 * DAY_SECONDS, len(people)), rng.integers(60, 7_200, len(people)))
    signed: Ints = first - before
    sato = int(people.is_business.sum()) + 1
    signed[sato] = int((NOW - timedelta(days=2, hours=13)).timestamp())
    return signed


def customer_rows(people: People, signed: Ints, rng: np.random.Generator) -> Iterator[Row]:
    """Give the rows of customers.csv: id, e-mail, phone, locale, market, created_at, traits."""
    named = {person.customer_id: person for person in named_people()}
    picks = rng.integers(0, 1 << 30, (len(people), 3)).tolist()
    business = people.is_business.tolist()
    columns = zip(customer_ids(people), people.market.tolist(), signed.tolist(), picks, business, strict=True)
    for place, (customer_id, market_place, second, (family, given, extra), is_business) in enumerate(columns):
        market = MARKETS[market_place]
        traits: dict[str, str] = {"name": _name(market, family, given)}
        if is_business:
            traits |= {"type": "business", "company": COMPANIES[market][extra % 6]}
        if person := named.get(customer_id):
            market, traits = person.market, {"name": person.name, **person.traits}
        phone = f"{DIALS[market]}-{place:04d}"
        yield (
            customer_id,
            f"{customer_id.lower()}@example.com",
            phone if is_business or extra % 5 < 3 else "",
            LOCALES[market],
            market,
            instant(second),
            json.dumps(traits, ensure_ascii=False),
        )


def _name(market: str, family: int, given: int) -> str:
    """Put a name together in the order of its market."""
    families, givens = FAMILY_NAMES[market].split(), GIVEN_NAMES[market].split()
    one, other = families[family % len(families)], givens[given % len(givens)]
    return {"KR": f"{one}{other}", "JP": f"{one} {other}"}.get(market, f"{other} {one}")


def consent_rows(people: People, signed: Ints, rng: np.random.Generator) -> list[Row]:
    """Give the rows of consents.csv in order of time: id, purpose, channel, status, source, wording, at."""
    ids = customer_ids(people)
    n_accounts = int(people.is_business.sum())
    storied = {0, *range(n_accounts, n_accounts + 4), len(people) - 1}
    ledger: list[tuple[int, Row]] = []
    now = int(NOW.timestamp())
    for purpose, channel, share in GRANTS:
        luck, later = rng.random((len(people), 2)).tolist(), rng.integers(0, 10**9, len(people)).tolist()
        for place, (customer_id, second) in enumerate(zip(ids, signed.tolist(), strict=True)):
            answer, change = luck[place]
            if place in storied or answer > share + DENIED:
                continue
            granted = answer <= share
            wording = _wording(second)
            status, source = "granted" if granted else "denied", "signup_form" if later[place] % 3 else "checkout"
            ledger.append((second, (customer_id, purpose, channel, status, source, wording, instant(second))))
            if granted and change < WITHDRAWN:
                at = second + 3_600 + later[place] % max(now - second - 3_601, 1)
                row = (customer_id, purpose, channel, "withdrawn", "preference_center", wording, instant(at))
                ledger.append((at, row))
    ledger += _told(signed.tolist(), n_accounts)
    return [row for _, row in sorted(ledger)]


def _wording(second: int) -> str:
    """Give the version of the consent text that was shown at a second."""
    return next(version for since, version in reversed(WORDINGS) if second >= since)


def _told(signed: list[int], n_accounts: int) -> Iterator[tuple[int, Row]]:
    """Give the named people's consents: 佐藤 健 was never asked, 이서연 took hers back."""
    everything = (("personalization", "*"), ("marketing", "email"), ("marketing", "push"), ("marketing", "sms"))
    given = {
        ("C-SEOJUN", 0): (("personalization", "*"), ("marketing", "email"), ("marketing", "phone")),
        ("C-MINJI", n_accounts): everything,
        ("C-ALEX", n_accounts + 2): everything[:2],
        ("C-SEOYEON", n_accounts + 3): everything[:3],
    }
    back = int(datetime(2026, 8, 14, 3, 12, tzinfo=UTC).timestamp())
    for (customer_id, place), permissions in given.items():
        for purpose, channel in permissions:
            second = signed[place]
            yield second, (customer_id, purpose, channel, "granted", "signup_form", _wording(second), instant(second))
            if customer_id == "C-SEOYEON":
                row = (customer_id, purpose, channel, "withdrawn", "preference_center", _wording(second), instant(back))
                yield back, row
