"""What both emitted events and emitted alerts share: labels, instants, ids, and errors that name the field. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

import orjson
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from streams.documents.document import Part, derived
from streams.errors import Refused
from streams.messages.envelope import NAME
from streams.text import fault
from streams.text.fault import LABEL

LARGEST = 64 * 1024  # bytes of one body as JSON
LABELS, VALUE = 20, 300  # labels, and characters of the value of one
_NUMBER = re.compile(r"-?\d{1,15}")


def _instant(value: Any) -> int:
    """Milliseconds since 1970 in UTC, from RFC 3339 with a zone, or as they are."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = value if isinstance(value, str) else ""
    if _NUMBER.fullmatch(text):
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError(
            f"{value!r:.60} is no instant: write 2026-12-07T09:00:00Z, or milliseconds since 1970"
        )
    return int(at.timestamp() * 1000)


def _word(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError(f"{text!r:.60} is no name here: 1 to 256 characters without `|`")
    return text


Instant = Annotated[int, BeforeValidator(_instant), Field(ge=0, lt=10**14)]
Word = Annotated[str, AfterValidator(_word)]  # of a gateway or a source
Value = Annotated[str, Field(max_length=VALUE)]
Labels = Annotated[
    dict[Annotated[str, Field(pattern=f"^{LABEL}$", max_length=100)], Value], Field(max_length=LABELS)
]


class Emitted(Part):
    """A body that was sent; a field that it does not know is an error, never ignored."""

    source: Word
    id: str = Field(default="", max_length=256)
    at: Instant | None = None
    labels: Labels = Field(default={})

    @classmethod
    def read(cls, body: Mapping[str, Any] | Any) -> Self:
        """The typed body; Refused names the first field that is wrong and says what to write."""
        if not isinstance(body, Mapping):
            raise Refused(f"the body must be fields with their values, not {fault.named(body)}")
        try:
            size = len(orjson.dumps(body))
        except TypeError as why:  # a number beyond 64 bits, text that is no Unicode
            raise Refused(f"the body holds what our messages cannot: {why!s:.100}") from None
        if size > LARGEST:
            raise Refused(f"the body has {size} bytes: at most {LARGEST}")
        try:
            return cls.model_validate(body)
        except ValidationError as why:
            (first, *_) = why.errors()
            where = fault.path(first["loc"])
            if first["type"] == "extra_forbidden":
                known = ", ".join(cls.model_fields)
                raise Refused(f"there is no field `{where}`; there are {known}") from None
            raise Refused(fault.sentence(where, first)) from None

    def identity(self, by: str, now: int) -> str:
        """The id that a repeat of this request has too: the sender's own, else one made of all that it says.

        `by`: who sent it, so that two senders never share an id; `now` stands for `at` where that is left out.
        """
        if self.id:
            return f"{by}/{self.source}/{self.id}"
        text = orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS).decode()
        return str(derived("emitted", by, text, "" if self.at is not None else str(now)))
