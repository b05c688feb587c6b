"""A conversation as it travels: bounded, signed, and kept by whoever talks. The shop keeps none but those it takes over."""

import base64
import binascii
import re
import zlib
from datetime import datetime
from hashlib import blake2b
from hmac import compare_digest

import msgspec

from crosslift.errors import Refused

MOST_TURNS, MOST_LETTERS = 12, 300
"""Turns that are kept, and letters of each; older ones fall out."""
MOST_PRODUCTS = 3
HOURS = 24.0
"""So long after its last turn a conversation goes on; afterwards the next question begins another."""
LONGEST = 12_000
"""Characters of one as it travels."""
_STAMP = 16
_CARD = re.compile(r"(?:\d[ -]?){12,18}\d")


class Turn(msgspec.Struct, array_like=True):
    """What one side said."""

    is_ours: bool
    text: str


class Conversation(msgspec.Struct, array_like=True):
    """What of a conversation matters for the next answer, and what is passed on with it.

    Attributes
    ----------
    who : str
        A keyed hash of whoever talks: another person's conversation is not taken up.
    products : list of str
        What it was about, the newest first.
    decision : str
        The last decision whose offers were given.
    is_upset : bool
        Something was complained about: nothing is offered in it any more.
    is_stopped : bool
        Nothing more was wanted.
    """

    conversation_id: str
    who: str
    last_at: int
    turns: list[Turn] = []
    n_turns: int = 0
    products: list[str] = []
    decision: str = ""
    is_upset: bool = False
    is_stopped: bool = False

    def say(self, text: str, *, is_ours: bool) -> None:
        """Keep a turn; numbers as long as a payment card's are not kept."""
        self.turns = [*self.turns, Turn(is_ours, masked(text)[:MOST_LETTERS])][-MOST_TURNS:]
        self.n_turns += not is_ours

    def speak_of(self, product_id: str) -> None:
        """Note what it is about now."""
        self.products = [product_id, *(one for one in self.products if one != product_id)][:MOST_PRODUCTS]

    def transcript(self) -> str:
        """Write what was said, a line a turn; > is the customer."""
        return "\n".join(f"{'<' if turn.is_ours else '>'} {' '.join(turn.text.split())}" for turn in self.turns)


def masked(text: str) -> str:
    """Take out numbers as long as a payment card's.

    Examples
    --------
    >>> masked("I paid with 4111 1111 1111 1111, order 20260305")
    'I paid with ****, order 20260305'
    """
    return _CARD.sub("****", text)


class Seal:
    """Signs conversations, so that nobody can put words into our mouth or take up another's.

    Parameters
    ----------
    key : bytes
        The shop's own secret.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def begin(self, identity: str | None, text: str, now: datetime) -> Conversation:
        """Begin a conversation with somebody, or with nobody we know."""
        at = int(now.timestamp())
        digest = blake2b(
            f"{identity}\n{at}\n{text}".encode("utf-8", "replace"), digest_size=12, key=self._key, person=b"chat"
        )
        return Conversation(digest.hexdigest(), self._who(identity), at)

    def sealed(self, one: Conversation) -> str:
        """Write a conversation as it travels."""
        body = zlib.compress(msgspec.msgpack.encode(one), 9)
        return base64.urlsafe_b64encode(self._stamp(body) + body).decode().rstrip("=")

    def opened(self, text: str, identity: str | None, now: datetime) -> Conversation | None:
        """Read a conversation; None for one of somebody else, and for one whose time is over.

        Raises
        ------
        Refused
            If it is not ours, or was altered.
        """
        wrong = Refused("this conversation is not ours or was altered; leave `conversation` out to begin another")
        if len(text) > LONGEST:
            raise wrong
        try:
            given = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            raise wrong from None
        stamp, body = given[:_STAMP], given[_STAMP:]
        if not compare_digest(stamp, self._stamp(body)):
            raise wrong
        try:
            found = msgspec.msgpack.decode(zlib.decompress(body), type=Conversation)
        except (msgspec.MsgspecError, zlib.error):  # of another version of ours
            return None
        is_over = now.timestamp() - found.last_at > HOURS * 3600
        return None if is_over or found.who != self._who(identity) else found

    def _who(self, identity: str | None) -> str:
        return blake2b((identity or "").encode(), digest_size=8, key=self._key, person=b"chat who").hexdigest()

    def _stamp(self, body: bytes) -> bytes:
        return blake2b(body, digest_size=_STAMP, key=self._key, person=b"conversation").digest()
