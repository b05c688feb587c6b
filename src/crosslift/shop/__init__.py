"""The one place where everything is wired: a merchant's home folder opened, the rooms handed what they need."""

from crosslift.shop.shop import Shop

__all__ = ["Shop"]
