"""Endpoints: places where notifications go, each through one channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import BeforeValidator, Field, model_validator

from streams.documents.document import Length, Owned, length_of
from streams.text.fault import named

SEALED = "sealed:"  # how a sealed value begins; what else stands there is a plain text


@dataclass(frozen=True, slots=True)
class Sealed:
    """Marks a field whose text is sealed before it enters a command and opened only for the call."""


def _text(value: Any) -> Any:
    """The value itself where it is a text; the refusal says its kind and never repeats it."""
    if value is None:
        raise ValueError("is empty: write text")
    if not isinstance(value, str):
        raise ValueError(f"must be text, not {named(value, secret=True)}")
    return value


Secret = Annotated[str, Sealed(), BeforeValidator(_text)]  # a password, a token, an address with access


class Sealing(Owned):
    """A document with fields that are sealed."""

    @classmethod
    @cache
    def secret_fields(cls) -> tuple[str, ...]:
        """The names of the fields that are sealed."""
        marked = (
            name
            for name, field in cls.model_fields.items()
            if any(isinstance(mark, Sealed) for mark in field.metadata)
        )
        return tuple(marked)

    def flaws(self) -> list[tuple[str, str]]:
        """Each field that cannot be used and why, secrets opened; never a word of a secret's content."""
        return []


class PageLimit(NamedTuple):
    """How many messages may go to one recipient by themselves within so many ms; what is more goes in one."""

    pages: int
    within: int


class Endpoint(Sealing):
    """What the documents of all channels share; each channel adds its own fields (`streams/channels`).

    `pages`: how many messages within `pages_within` go to one recipient by themselves; three, in a chat room twenty,
    where it is left out; a third of them at most, at least one, is for what is not critical.
    """

    type = "endpoint"
    channel: str
    pages: int | None = Field(default=None, ge=1, le=10_000)
    pages_within: Annotated[Length, length_of(60_000, 86_400_000)] = Field(
        default=300_000, ge=60_000, le=86_400_000
    )
    shows_acknowledgements: ClassVar[bool] = False  # else nobody there would see more than noise
    answers_are_asked_for: ClassVar[bool] = False  # by the provider's name of a message, which is kept then
    calls_people: ClassVar[bool] = True  # else programs read it, which want each message by itself
    usual_pages: ClassVar[int] = 3  # where the document says nothing else

    @model_validator(mode="after")
    def _limited(self) -> Self:
        if self.pages is not None and not self.calls_people:
            raise ValueError("`pages` is for channels that call people: programs get each message by itself")
        return self

    @property
    def page_limit(self) -> PageLimit | None:
        """How much one recipient takes; None where programs read it."""
        return PageLimit(self.pages or self.usual_pages, self.pages_within) if self.calls_people else None

    def private_address(self) -> str:
        """Why nothing sent there arrives, where its address itself says so; empty else."""
        return ""

    @property
    def reaches_private(self) -> bool:
        """Whether it may call private addresses."""
        return getattr(self, "allow_private", False) is True


def is_open(text: str) -> bool:
    """Whether a secret field holds something that can be read and judged."""
    return bool(text) and not text.startswith(SEALED)


def named_channel(body: Mapping[str, Any]) -> Any:
    """The channel that a document's body names; webhook where it names none."""
    return body.get("channel", "webhook")
