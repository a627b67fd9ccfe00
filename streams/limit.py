"""Thresholds: the exact number that is compared, and the text as which somebody wrote it."""

from __future__ import annotations

from decimal import Decimal
from math import inf, nextafter
from typing import Annotated, Any, Self

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator

from streams.calendar.duration import is_share
from streams.documents.document import as_number

# of a number that was added up, relative: so far it may lie beside the decimal that it stands for
NOISE = 1e-13
LONGEST = 40  # characters of a threshold as it was written; a longer one is kept as the shortest that says it


class WrittenNumber(float):
    """A number together with its text: it is compared as the one, and shown as the other."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, number: float, text: str) -> Self:
        """The number that a text stands for."""
        written = super().__new__(cls, number)
        written.text = text
        return written

    def __str__(self) -> str:
        """As it was written."""
        return self.text

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is copied."""
        return type(self), (float(self), self.text)


def _written(value: Any, handler: ValidatorFunctionWrapHandler) -> float:
    number: float = handler(as_number(value))
    if not isinstance(value, str):
        return number
    text = " ".join(value.split())
    if len(text) > LONGEST:
        text = _shortest(number, is_share(text))
    return WrittenNumber(number, text)


Limit = Annotated[
    float,
    WrapValidator(_written, json_schema_input_type=str | float),
    Field(allow_inf_nan=False),
]


def is_percentage(limit: float, default: bool) -> bool:
    """Whether a threshold, and what is compared with it, is shown in per cent; `default`: where nobody wrote it."""
    return is_share(limit.text) if isinstance(limit, WrittenNumber) else default


def as_document(limit: float, of_share: bool) -> str | float:
    """A threshold as a document keeps it: the number itself, or its text where the number alone would read otherwise.

    `of_share`: whether it bounds a ratio, which a bare number states in per cent.
    """
    alike = limit_text(limit, of_share) == _shortest(limit, of_share)
    return float(limit) if alike and is_percentage(limit, of_share) == of_share else str(limit)


def limit_text(limit: float, percent: bool) -> str:
    """A threshold as it was written; where nobody wrote it, the shortest decimal that it is."""
    if not isinstance(limit, WrittenNumber):
        return _shortest(limit, percent)
    return f"{limit.text.removesuffix('percent').rstrip(' %')}%" if percent else limit.text


def _shortest(limit: float, percent: bool) -> str:
    return f"{positional(exact(limit).scaleb(2))}%" if percent else positional(exact(limit))


def exact(number: float) -> Decimal:
    """The shortest decimal that stands for a float: the one that people wrote."""
    return Decimal(float.__repr__(float(number)))


def positional(number: Decimal) -> str:
    """A decimal without an exponent and without noughts behind its last digit."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def exceeds(value: float, limit: float, sign: int, noise: float, inclusive: bool = False) -> bool:
    """Whether a value lies beyond a threshold (`sign` +1 above, −1 below); `noise`: relative, of what is summed.

    `inclusive`: whether what equals it does.
    """
    return sign * value > shifted(limit, sign, noise, inclusive)


def shifted(limit: float, sign: int, noise: float, inclusive: bool = False) -> float:
    """The threshold times `sign`, moved outwards by the noise: what no value beyond it owes to rounding.

    `inclusive`: inwards, and just so far that what equals it lies beyond.
    """
    moved = abs(limit) * noise
    return nextafter(sign * limit - moved, -inf) if inclusive else sign * limit + moved
