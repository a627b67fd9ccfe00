"""Views of the list of alerts that a team has given a name: what it is narrowed by, as the page's address says it."""

from __future__ import annotations

from typing import get_args
from urllib.parse import parse_qsl

from pydantic import Field, field_validator

from streams.documents.document import Owned
from streams.messages.alert import AlertStatus
from streams.messages.envelope import Severity

WORDS = {  # the filters that take one or several of these
    "status": tuple(AlertStatus),
    "severity": get_args(Severity),
    "suppressed": ("yes", "no"),
}
TEXTS = ("team", "gateway", "rule", "q")  # the others
LONGEST = 200  # characters of one of those
EXAMPLE = "write it as the page's address has it: severity=critical&gateway=prod"


class AlertView(Owned):
    """A view. `shows`: the filters, as they stand behind the `?` of the page's address."""

    type = "view"
    shows: str = Field(min_length=1, max_length=1_000)

    @field_validator("shows")
    @classmethod
    def _filters(cls, shows: str) -> str:
        shows = shows.strip().removeprefix("/").removeprefix("?")
        try:
            pairs = parse_qsl(
                shows, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=20
            )
        except ValueError:
            raise ValueError(f"{shows!r:.60} cannot be read: {EXAMPLE}") from None
        for name, value in pairs:
            _checked(name, value)
        if len({name for name, _ in pairs}) < len(pairs):
            raise ValueError(
                "a filter stands there twice: keep one, with commas where it takes several values"
            )
        return shows


def _checked(name: str, value: str) -> None:
    """ValueError where the list has no such filter, or it takes no such value."""
    if name in WORDS:
        for word in value.split(","):
            if word not in WORDS[name]:
                raise ValueError(f"`{name}`: {word!r:.60} is none of {', '.join(WORDS[name])}")
    elif name not in TEXTS:
        raise ValueError(f"the list has no filter `{name:.60}`; there are {', '.join((*WORDS, *TEXTS))}")
    elif len(value) > LONGEST or not value.isprintable():
        raise ValueError(f"`{name}` has at most {LONGEST} characters, all of which can be printed")
