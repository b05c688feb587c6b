"""The chat of one shop: what it knows, wired to what answers."""

from crosslift.shop.chat.chats import Chats
from crosslift.shop.chat.said import Said

__all__ = ["Chats", "Said"]
