"""What all configuration documents share: a name within a team, an id derived from both, no unknown field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha1
from itertools import islice
from math import isfinite
from typing import Annotated, Any, ClassVar, Self, TypeAlias, cast, get_args
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
)

from streams.calendar.duration import milliseconds, number, spell
from streams.canary.names import not_reserved
from streams.errors import Refused
from streams.text.fault import NAME, TAGS, named, path, sentence
from streams.text.nearest import nearest

PLATFORM = "platform"  # the team that owns what no other team does
EXPLAINED = 8  # wrong fields in one sentence
MOST = 6_000  # values of one document, however deep: the largest policy has less than a tenth of it
_NAMESPACE = uuid5(NAMESPACE_URL, "tocsin")


def _length(value: Any) -> int:
    """A bare number is milliseconds; the bound is said as a length, not in milliseconds."""
    plain = isinstance(value, int) and not isinstance(value, bool)
    length: int = value if plain else milliseconds(_single(value, "a length of time, for instance 90s or 5m"))
    if not 0 <= length <= LONGEST:
        raise ValueError(f"{value!s:.40} must lie between 0s and {spell(LONGEST)}")
    return length


def length_of(least: int = 0, most: int = 1 << 60) -> BeforeValidator:
    """What holds a length between two bounds, ms, and says them as lengths."""

    def check(value: Any) -> int:
        length = _length(value)
        if not least <= length <= most:
            written = spell(value) if isinstance(value, int) else str(value)
            bounds = f"{spell(least)} and {spell(min(most, LONGEST))}"
            raise ValueError(f"{written:.40} must lie between {bounds}")
        return length

    return BeforeValidator(check, json_schema_input_type=str | int)


def as_number(value: Any) -> float:
    """What stands in a document as a finite number; ValueError says what to write."""
    read = number(_single(value, "a number, for instance 5, 0.5 or 5%"))
    if not isfinite(read):
        raise ValueError(f"{value!s:.40} is not a finite number: write for instance 5, 0.5 or 5%")
    return read


def _single(value: Any, wanted: str) -> str:
    """The text of one value; what is none, or several, is named by its kind."""
    if value is None:
        raise ValueError(f"is empty: write {wanted}")
    if isinstance(value, list | dict):
        raise ValueError(f"must be {wanted}, not {named(cast(Any, value))}")
    return str(value)


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _flag(value: Any) -> Any:
    words = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
    return words.get(value.lower(), value) if isinstance(value, str) else value


_as_length = BeforeValidator(_length, json_schema_input_type=str | int)
_as_number = BeforeValidator(as_number, json_schema_input_type=str | float)
LONGEST = 366 * 86_400_000  # ms
Length = Annotated[int, _as_length, PlainSerializer(spell), Field(ge=0, le=LONGEST)]
Quantity = Annotated[float, _as_number, Field(allow_inf_nan=False)]
# one word may stand without brackets
Several = BeforeValidator(_several, json_schema_input_type=list[str] | str)
Flag = Annotated[bool, BeforeValidator(_flag, json_schema_input_type=bool | str)]
TEAM = re.compile(NAME)  # a team's name, and any document's
Name = Annotated[str, Field(pattern=f"^{TEAM.pattern}$")]


@lru_cache(maxsize=16_384)
def derived(*parts: str) -> UUID:
    """A UUID that is the same wherever and whenever it is derived from the same words."""
    return uuid5(_NAMESPACE, "/".join(parts))


@lru_cache(maxsize=16_384)
def derived_text(*parts: str) -> str:
    """The text of the UUID that derives from these words: what `derived` gives, a quarter of its cost."""
    digest = sha1(_NAMESPACE.bytes + "/".join(parts).encode(), usedforsecurity=False).digest()
    # RFC 9562, version 5
    number = int.from_bytes(digest[:16], "big") & ~(0xF000 << 64 | 0xC000 << 48) | 5 << 76 | 0x8000 << 48
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Part(BaseModel):
    """A piece of a document; a field that it does not know is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


DocumentClass: TypeAlias = "type[Owned]"


class Owned(Part):
    """A document: `name` is unique within its kind and team."""

    type: ClassVar[str]
    kept_fields: ClassVar[frozenset[str]] = frozenset()  # those that Tocsin writes, whatever stands there
    name: Name
    team: Annotated[Name, AfterValidator(not_reserved)] = PLATFORM
    description: str = Field(default="", max_length=2_000)
    file: str = Field(default="", max_length=300)  # that owns it: the API refuses to edit what has one

    @property
    def id(self) -> str:
        """The UUID derived from team, kind and name."""
        return str(derived(self.team, self.type, self.name))

    @classmethod
    def variant(cls, body: Mapping[str, Any]) -> DocumentClass:  # noqa: ARG003  # for those that look at it
        """The class that reads `body`: this one, unless a kind has a class for each of its variants."""
        return cls

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """The document in `body`; Refused lists the first fields that are wrong, with the nearest valid names."""
        if values(body) > MOST:
            raise Refused(f"{cls.type} {called(body)}: holds more than {MOST} values: no document does")
        model = cls.variant(body)
        try:
            return cast(Self, model.model_validate(body))
        except ValidationError as why:
            errors = why.errors(include_url=False)
            told = dict.fromkeys(_explain(model, body, error) for error in errors[:EXPLAINED])
            more = [f"and {len(errors) - EXPLAINED} more"] if len(errors) > EXPLAINED else []
            raise Refused("; ".join([*told, *more])) from None

    @classmethod
    def fields(cls) -> list[str]:
        """The names that the document's own level may hold, as they are written."""
        return [field.alias or key for key, field in cls.model_fields.items()]

    def taking_effect(self, before: Owned | None, now: int) -> Self:  # noqa: ARG002  # for those that look at it
        """The document as it holds from `now` on, ms UTC, after what it was before; Refused where it is too late."""
        return self

    def body(self) -> dict[str, Any]:
        """The document as JSON, defaults included, lengths spelled."""
        return self.model_dump(mode="json", by_alias=True)

    def written(self) -> dict[str, Any]:
        """The document as JSON, of kind `type`, with only what somebody wrote: it reads as the same document."""
        return {"type": self.type, **self.model_dump(mode="json", by_alias=True, exclude_unset=True)}


def called(body: Mapping[str, Any]) -> str:
    """The name of a document in a sentence, `?` where it has none that is text."""
    name = body.get("name")
    return f"{name:.60}" if isinstance(name, str) and name else "?"


def _inner(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]


def values(body: Any) -> int:
    """How many values a document holds, names not counted; it stops counting a little over `MOST`."""
    count = 0
    open_: list[Any] = [body]
    while open_ and count <= MOST:
        value = open_.pop()
        inner = _inner(value)
        count += len(inner)
        open_ += islice(inner, MOST)
    return count


def _explain(model: type[Owned], body: Mapping[str, Any], error: Any) -> str:
    location = [part for part in error["loc"] if part not in TAGS]
    if location and location[0] not in body and location[0] == "condition":
        location = location[1:]  # in files the condition's fields stand beside the rule's own
    where = path(location)
    name = f"{model.type} {called(body)}"
    if error["type"] == "extra_forbidden":
        near = nearest(str(location[-1]), _beside(model, location[:-1]))
        return f"{name}: there is no field `{where}`" + (f"; did you mean `{near[0]}`?" if near else "")
    return f"{name}: {sentence(where, error)}"


def _beside(model: type[Owned], above: list[Any]) -> list[str]:
    """The fields that a level of a document may hold; `above` leads to it from the document's own level."""
    part: type[Part] | None = None
    for name in above:
        held = {field.alias or key: field.annotation for key, field in (part or model).model_fields.items()}
        part = next(_parts(held[name]), part) if name in held else part
    return (
        model.fields() if part is None else [field.alias or key for key, field in part.model_fields.items()]
    )


def _parts(annotation: Any) -> Iterator[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)
