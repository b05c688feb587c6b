"""crosslift: know what goes with what, say it at the right moment, and prove what it earned."""

from typing import TYPE_CHECKING, Any

from crosslift.settings import VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from crosslift.shop import Shop

__version__ = VERSION

__all__ = ["Shop", "__version__", "open"]


def open(home: "str | Path", **settings: Any) -> "Shop":  # noqa: A001 - reads as crosslift.open
    """Open a shop's home folder, made when missing.

    Settings are given with their section: `crosslift.open("shop", learn_min_lift=1.5)`.
    """
    from crosslift.shop import Shop

    return Shop(home, {name.replace("_", ".", 1): value for name, value in settings.items()})


def __getattr__(name: str) -> Any:
    if name == "Shop":
        from crosslift.shop import Shop

        return Shop
    raise AttributeError(name)
