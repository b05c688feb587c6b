"""What the chat says: answers, questions back, what became of a stop, and the fixed texts of its window."""

from crosslift.wording.messages import Noun, text

UI = ("open", "title", "about", "close", "input", "send", "you", "source", "handed_over", "failed", "no")
"""The fixed texts of its window; `widget/chat.js` holds the same."""
KEYS = (
    "greeting", "thanks", "unsure", "which", "which_product", "which_two",
    *(f"fits.{one}" for one in ("yes", "yes_fact", "no", "no_fact", "unknown")),
    *(f"needs.{one}" for one in ("some", "included", "none")),
    *(f"runs_out.{one}" for one in ("will", "was", "usual", "nothing", "unknown", "sign_in", "consent")),
    *(f"guide.{one}" for one in ("found", "none")),
    *(f"why.{one}" for one in ("shown", "nothing", "gone")),
    *(f"stop.{one}" for one in ("done", "here")), *(f"resume.{one}" for one in ("done", "nothing")),
    *(f"no_thanks.{one}" for one in ("done", "plain")),
    *(f"price.{one}" for one in ("is", "with_tax", "unknown")),
    *(f"stock.{one}" for one in ("yes", "orderable", "no", "gone", "instead")),
    *(f"suggest.{one}" for one in ("some", "none")),
    *(f"handover.{one}" for one in ("question", "complaint", "human", "contact")),
    *(f"ui.{one}" for one in UI),
)  # fmt: skip
"""All keys of its messages."""


def say(key: str, language: str, **values: str) -> str:
    """Say one of its messages; names from outside take their Korean particle.

    Examples
    --------
    >>> say("fits.yes", "ko", a="종이 필터", b="드리퍼"), say("stock.yes", "en", a="Kettle")
    ('네, 종이 필터와 드리퍼는 서로 맞아요.', 'Kettle is in stock.')
    """
    return text(f"chat.{key}", language, None, **{name: Noun(value) for name, value in values.items()})
