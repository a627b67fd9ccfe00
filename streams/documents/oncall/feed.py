"""Calendar feeds: a secret address at which a calendar program reads who is on call, until the document is deleted."""

from __future__ import annotations

from hashlib import sha256

from pydantic import Field

from streams.documents.document import Owned
from streams.text.fault import NAME

PATH = "/calendar/"
ENDING = ".ics"


class CalendarFeed(Owned):
    """What a feed `shows`, `schedule/NAME` or `user/NAME`. `digest`: of its token (SHA-256), which nobody keeps."""

    type = "calendar"
    shows: str = Field(pattern=rf"^(schedule|user)/{NAME}$")
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


def digest(token: str) -> str:
    """What tells a token from others, and from which it cannot be found."""
    return sha256(token.encode()).hexdigest()
