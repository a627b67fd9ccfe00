"""Endpoints: places where notifications go, each through one channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator

from streams.documents.document import Owned
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


Secret = Annotated[
    str, Sealed(), BeforeValidator(_text)
]  # a password, a token, an address that grants access


class Sealing(Owned):
    """A document with fields that are sealed."""

    @classmethod
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


class Endpoint(Sealing):
    """What the documents of all channels share; each channel adds its own fields (`streams/channels`)."""

    type = "endpoint"
    channel: str
    shows_acknowledgements: ClassVar[bool] = False  # else nobody there would see more than noise
    answers_are_asked_for: ClassVar[bool] = (
        False  # by the provider's name of a message, which is remembered then
    )

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
