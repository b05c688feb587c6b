"""Notices as lines of a file, for whatever reads files."""

import json
import os
from pathlib import Path

from crosslift.domain.plugin import Notice


class NoticeFile:
    """Appends each notice to the file that CROSSLIFT_NOTICES names."""

    api_version = 1

    def __init__(self) -> None:
        self._path = Path(os.environ.get("CROSSLIFT_NOTICES", "notices.jsonl"))

    def send(self, notice: Notice) -> None:
        """Write a line; a folder that is not there raises, and the notice comes again."""
        line = {"id": notice.notice_id, "kind": notice.kind, "at": notice.at.isoformat(), **notice.facts}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str, ensure_ascii=False) + "\n")
