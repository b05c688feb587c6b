"""Where a web page comes from, written as browsers write it in the header `Origin`."""

from urllib.parse import urlsplit

from crosslift.errors import BadUsage

DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(address: str) -> str:
    """Write an address of a shop as the origin of its pages.

    Raises
    ------
    BadUsage
        For what is no `http` or `https` address, or names more than scheme, host and port.

    Examples
    --------
    >>> origin_of("https://Shop.Example/"), origin_of("http://localhost:8000"), origin_of("https://카페.example:443")
    ('https://shop.example', 'http://localhost:8000', 'https://xn--ob7b27g.example')
    """
    try:
        found = urlsplit(address.strip())
        host, port = (found.hostname or "").encode("idna").decode(), found.port
    except ValueError:
        host, port, found = "", None, urlsplit("")
    beyond = found.path.strip("/") or found.query or found.fragment or found.username or found.password
    if not host or beyond or found.scheme not in DEFAULT_PORTS:
        raise BadUsage(f"{address!r} is no origin; write scheme and host alone, as https://shop.example")
    host = f"[{host}]" if ":" in host else host
    return f"{found.scheme}://{host}" + (f":{port}" if port and port != DEFAULT_PORTS[found.scheme] else "")
