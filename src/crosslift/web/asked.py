"""One request under way, as logs, spans and its answer call it."""

from dataclasses import dataclass

NAME_HEADER = b"x-request-id"


@dataclass(slots=True)
class Asked:
    """One request under way.

    Attributes
    ----------
    request_id : str
        Its name in logs, in spans and in the header `X-Request-Id` of the answer.
    route : str
        Method and pattern of the path once it is known; never the path itself, which holds ids.
    status : int
        0 while nobody was answered.
    """

    request_id: str
    route: str = "other"
    status: int = 0

    @property
    def header(self) -> tuple[bytes, bytes]:
        """What the answer calls it."""
        return (NAME_HEADER, self.request_id.encode())
