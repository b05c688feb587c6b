"""Who is no shopper: machines, the shop's own people, and tries. They are answered; nothing of it is kept or counted."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Literal

import msgspec

ROBOT = "robot"
NOT_COUNTED = "not_counted:{traffic}"
"""The warning beside an answer that is not recorded."""
Traffic = Annotated[
    Literal["robot", "staff", "test"] | None,
    msgspec.Meta(
        description="Who is no shopper: a machine (`navigator.webdriver`), the shop's own people, or a try. Nothing is recorded."
    ),
]
_ROBOTS = re.compile(
    rb"(?<!cu)bots?(?![a-z])|crawl|spider|slurp|scrap|headless|phantomjs|puppeteer|playwright|selenium|webdriver|lighthouse"
    rb"|pagespeed|ptst/|gtmetrix|pingdom|uptime|statuscake|site24x7|catchpoint|datadogsynthetics|newrelicpinger|prerender"
    rb"|google-inspectiontool|google-read-aloud|mediapartners-google|googleother|apis-google|feedfetcher|adsbot"
    rb"|facebookexternalhit|facebookcatalog|embedly|bingpreview|baiduspider|bytespider|yeti/|daumoa|y!j-|hatena|ichiro/"
    rb"|archive\.org|wappalyzer|qwantify|censys|zgrab|nmap|nikto",
    re.IGNORECASE,
)
"""What machines that load pages call themselves. Programs that ask the API on purpose (curl, libraries) are not among them."""
_LONGEST = 1000


def is_robot(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Tell whether a request says of itself that a machine loaded the page it comes from.

    Examples
    --------
    >>> is_robot([(b"user-agent", b"Mozilla/5.0 (compatible; Googlebot/2.1)")])
    True
    >>> is_robot([(b"user-agent", b"Mozilla/5.0 (Linux; Android 12; CUBOT P60) Chrome/140.0 Mobile")])
    False
    """
    return next((_names_robot(value[:_LONGEST]) for name, value in headers if name == b"user-agent"), False)


@lru_cache(4096)
def _names_robot(agent: bytes) -> bool:
    return _ROBOTS.search(agent) is not None
