"""What bodies of other systems share: a typed list or object, or a refusal that names the field and the fix. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from sources.intake.emitted import LABELS, VALUE, Instant
from streams.codes import RefusalCode
from streams.errors import Refused
from streams.messages.envelope import Severity
from streams.text import fault

RESERVED = ("category", "correlation_id", "source")  # labels that fields of ours fill
ZERO = "0001-01-01T"  # how Go's programs spell that there is no instant
_SEVERITIES: Mapping[str, Severity] = {
    **dict.fromkeys(("critical", "crit", "page", "fatal", "emergency", "alert", "p1"), "critical"),
    **dict.fromkeys(("error", "err", "high", "warning", "warn", "medium", "p2", "p3"), "warning"),
    **dict.fromkeys(("info", "information", "notice", "low", "none", "debug", "p4", "p5"), "info"),
}


class ForeignPart(BaseModel):
    """A piece of a foreign body; what we do not know of it is left aside, as its own receiver would."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _unless_zero(value: Any) -> Any:
    return None if isinstance(value, str) and value.startswith(ZERO) else value


MaybeInstant = Annotated[Instant | None, BeforeValidator(_unless_zero)]
P = TypeVar("P", bound=ForeignPart)


def json_of(raw: bytes) -> Any:
    """What a body holds; Refused where it is no JSON."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as why:
        raise Refused(f"the body is no JSON: {why!s:.100}", RefusalCode.MALFORMED) from None


def typed(kind: type[P], body: Any, where: str = "") -> P:
    """The typed piece; Refused names the first field that is wrong. `where`: what it is, for instance `alerts.2`."""
    if not isinstance(body, Mapping):
        raise Refused(
            f"{f'`{where}`' if where else 'the body'} must be fields with their values, not {fault.named(body)}"
        )
    try:
        return kind.model_validate(body)
    except ValidationError as why:
        (first, *_) = why.errors()
        raise Refused(fault.sentence(fault.path([*filter(None, [where]), *first["loc"]]), first)) from None


def listed(body: Any, most: int, of: str) -> list[Any]:
    """The items of a list; Refused where it is none, or a longer one than we take."""
    if not isinstance(body, list):
        raise Refused(f"the body must be a list of {of}, not {fault.named(body)}")
    items = list[Any](body)
    if len(items) > most:
        raise Refused(f"the body has {len(items)} {of}: at most {most} in one request")
    return items


def severity(text: str) -> Severity:
    """Ours for theirs; a warning where nobody knows."""
    return _SEVERITIES.get(text.strip().lower(), "warning")


def labels(given: Mapping[str, str], without: frozenset[str] = frozenset()) -> dict[str, str]:
    """As many as an alert of ours has, by name; what a field of ours is called gets `exported_` before it."""
    kept = {f"exported_{name}" if name in RESERVED else name: text[:VALUE] for name, text in given.items()}
    return dict(sorted((name, text) for name, text in kept.items() if text and name not in without)[:LABELS])
