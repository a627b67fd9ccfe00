"""What a question to a gateway brings: an answer, or one of six troubles. All are values; nothing is raised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
Cause = Literal["tls", "dns", "refused", "timeout", "reset", "protocol", "network"]


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The gateway answered, and the answer could be read."""

    value: T


@dataclass(frozen=True, slots=True)
class Unauthorised:
    """Our token is missing (status 0: its file cannot be read), unknown (401) or may not ask this (403)."""

    status: int
    detail: str


@dataclass(frozen=True, slots=True)
class Limited:
    """Too many questions. `after`: seconds of silence; `asked`: whether the gateway just said so, or our own bound."""

    after: float
    asked: bool


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The gateway, or a proxy before it, says 5xx."""

    status: int
    detail: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nothing answered."""

    cause: Cause
    detail: str


@dataclass(frozen=True, slots=True)
class Garbage:
    """Something answered, but not a gateway."""

    what: str


@dataclass(frozen=True, slots=True)
class Partial:
    """The gateway answered, and has more of it than it shows to this token."""

    hidden: int
    total: int


Trouble = Unauthorised | Limited | Unavailable | Unreachable | Garbage | Partial
Outcome = Answer[T] | Trouble
