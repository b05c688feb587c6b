"""The senders we know, by name."""

from collections.abc import Mapping

from crosslift.collect.answers import judgeme, standard, tally, typeform
from crosslift.collect.answers.sender import Sender

SENDERS: Mapping[str, Sender] = {
    one.name: one for one in (standard.SENDER, typeform.SENDER, tally.SENDER, judgeme.SENDER)
}
