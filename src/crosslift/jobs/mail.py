"""News of jobs by mail, to whoever runs the shop."""

import smtplib
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from typing import Any

from crosslift.errors import BadInput, TryAgain
from crosslift.settings import Settings

WAIT_SECONDS = 20
SUBJECTS: Mapping[str, str] = {
    "job.failed": "the job {job} does not work",
    "job.recovered": "the job {job} works again",
    "job.attention": "the job {job} found something to look at",
}


class Mail:
    """Writes the news of one shop to those the settings name.

    Raises
    ------
    BadInput
        If somebody is to be written to and nobody is named who writes, or the relay is no `host:port`.
    """

    def __init__(self, settings: Settings) -> None:
        self._to = [one.strip() for one in settings["jobs.mail_to"].split(",") if one.strip()]
        self._from = settings["jobs.mail_from"]
        self._host, _, port = settings["jobs.mail_server"].rpartition(":")
        if self._to and not self._from:
            raise BadInput("nobody is named as the sender; set it where jobs.mail_to is set", where="jobs.mail_from")
        if not self._host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise BadInput(f"{settings['jobs.mail_server']!r} is no host:port", where="jobs.mail_server")
        self._port = int(port)

    def __call__(self, kind: str, facts: Mapping[str, Any]) -> None:
        """Tell it.

        Raises
        ------
        TryAgain
            If the relay did not take the mail.
        """
        if not self._to:
            return
        try:
            relay = smtplib.SMTP(self._host, self._port, timeout=WAIT_SECONDS)
            try:
                relay.send_message(self._letter(kind, facts))
            finally:
                with suppress(OSError, smtplib.SMTPException):  # a bad goodbye does not undo what was taken
                    relay.quit()
        except (OSError, smtplib.SMTPException) as error:
            raise TryAgain(f"{self._host}:{self._port} takes no mail now: {error}") from error

    def _letter(self, kind: str, facts: Mapping[str, Any]) -> EmailMessage:
        letter = EmailMessage()
        letter["From"], letter["To"] = self._from, ", ".join(self._to)
        letter["Subject"] = " ".join(f"{facts['shop']}: {SUBJECTS[kind].format(job=facts['job'])}".split())
        lines = [line for name in ("why", "problems", "attention") for line in _lines(facts.get(name))]
        run = f"Run {facts['run_id']}; `crosslift jobs history {facts['job']}` shows it with those before."
        letter.set_content("\n".join([*lines, "", run]))
        return letter


def _lines(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else [f"- {one}" for one in value]
