"""What pydantic found wrong with a field, in words that say what to write instead; no secret is repeated."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streams.text.nearest import nearest

TAGS = ("<by severity>", "<one>", "[key]")  # steps of a path that nobody writes: they tell values apart
SECRET = frozenset({"url", "secret", "email", "phone", "handles"})  # fields whose content no sentence repeats
LONGEST = 100  # characters of a step of a path that are repeated
NAME, LABEL = r"[a-z0-9][a-z0-9._-]{0,99}", r"[a-zA-Z_][a-zA-Z0-9_]*"
RESPONDER = r"^(team|escalation|schedule)/.{1,100}$"
RECORDED = r"^[a-zA-Z_][a-zA-Z0-9_]*:[a-zA-Z0-9_:]+$"  # a colon tells it from what anybody else sends
ROOMY = r"^[^|\x00-\x1f]*$"
INSTANCE = r"^[^|]+\|[^|]+\|"
_NOT_NAME = re.compile(r"[^a-z0-9._-]+")
_PATTERNS = {
    f"^{NAME}$": "is not a name: lower-case letters, digits, `.`, `_` and `-`, at most 100, a letter or digit first",
    f"^{LABEL}$": "is not a label: letters, digits and `_`, no digit first",
    rf"^(user|team|schedule|endpoint)/{NAME}$": "is no target of a step: write user/, team/,"
    " schedule/ or endpoint/ and a name, for instance schedule/payments",
    rf"^(user|team|schedule|policy|endpoint)/{NAME}$": "is no target: write user/, team/, schedule/,"
    " policy/ or endpoint/ and a name, for instance endpoint/log",
    rf"^(schedule|user)/{NAME}$": "is nothing that a calendar shows: write schedule/ or user/ and a name",
    RECORDED: "is no name of a series that is recorded: letters, digits, `_` and `:`, with a colon, no digit first",
    ROOMY: "is no name of a gateway: without `|`, tabs and line breaks",
    INSTANCE: "is no instance: copy that of an alert, gateway|rule id|labels",
    RESPONDER: "is no responder: write team/, escalation/ or schedule/ and a name",
}
_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (str, "text"),
    (bool, "true or false"),
    ((int, float), "a number"),
    ((list, tuple), "a list"),
    (Mapping, "fields"),
)


def path(loc: Sequence[Any]) -> str:
    """The dotted path of a field, as it is written; what is longer than any field is cut."""
    parts = (str(part) for part in loc if part not in TAGS)
    return ".".join(part if len(part) <= LONGEST else f"{part[:LONGEST]}…" for part in parts)


def words(error: Mapping[str, Any]) -> str:
    """One error of pydantic's, without the field's name: what is wrong and what to write."""
    kind, context = str(error["type"]), error.get("ctx", {})
    secret = any(part in SECRET for part in error["loc"])
    if error.get("input") is None and kind not in ("missing", "value_error", "extra_forbidden"):
        return f"is empty: write {_wanted(kind, context)}"
    if kind == "string_pattern_mismatch":
        return _unlike(context["pattern"], "what stands there" if secret else str(error["input"]))
    if kind == "literal_error":
        return _none_of(context["expected"], error["input"])
    if told := _BOUNDS.get(kind):
        return told(context, error["input"])
    if kind.endswith(("_type", "_parsing", "_parsing_size")) or kind in ("int_from_float", "finite_number"):
        return f"must be {_wanted(kind, context)}, not {named(error['input'], secret)}"
    return str(error["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")


def sentence(where: str, error: Mapping[str, Any]) -> str:
    """The same with the field's name in front, where there is one."""
    if error["type"] == "missing":
        example = _EXAMPLES.get(where.rpartition(".")[2])
        return f"`{where}` is missing" + (f": write for instance {example}" if example else "")
    says = words(error)
    colon = "" if says.startswith(("is ", "must ", "holds ")) else ":"
    return f"`{where}`{colon} {says}" if where else says


def named(value: Any, secret: bool = False) -> str:
    """A value as a sentence names it: short, and only by its kind where it is a secret, or no single value."""
    if value is None:
        return "nothing"
    kind = next((word for types, word in _KINDS if isinstance(value, types)), type(value).__name__)
    return kind if secret or isinstance(value, list | tuple | Mapping) else f"{value!r:.60}"


def _wanted(kind: str, context: Mapping[str, Any]) -> str:
    """What should stand there, by the kind of the error."""
    if kind == "literal_error":
        return f"one of {', '.join(_words(context['expected']))}"
    for begin, wanted in _WANTED.items():
        if kind.startswith(begin):
            return wanted
    return "a value"


_EXAMPLES = {  # of fields that people leave out
    "time_zone": "Europe/Berlin",
    "covers": "gateway=prod-eu",
    "lasts": "90m",
}
_WANTED = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "finite": "a finite number",
    "bool": "yes or no",
    "list": "a list",
    "model": "fields with their values",
    "dict": "fields with their values",
}
_BOUNDS: dict[str, Callable[[Mapping[str, Any], Any], str]] = {
    "greater_than_equal": lambda c, value: f"must be at least {c['ge']}, not {value!r:.40}",
    "less_than_equal": lambda c, value: f"must be at most {c['le']}, not {value!r:.40}",
    "string_too_long": lambda c, value: f"is {len(value)} characters long: at most {c['max_length']}",
    "string_too_short": lambda c, _: f"is too short: at least {c['min_length']} characters",
    "too_long": lambda c, _: f"holds {c['actual_length'] or 'more'}: at most {c['max_length']}",
    "too_short": lambda c, _: f"holds {c['actual_length'] or 'nothing'}: at least {c['min_length']}",
}


def _unlike(pattern: str, text: str) -> str:
    flaw = f"{text!r:.60} {_PATTERNS.get(pattern, f'does not have the form {pattern}')}"
    better = _NOT_NAME.sub("-", text.lower()).strip("-._")[:100]
    return f"{flaw}; for instance {better}" if pattern == f"^{NAME}$" and better else flaw


def _none_of(expected: str, value: Any) -> str:
    known = _words(expected)
    near = nearest(str(value).lower(), known)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{named(value)} is not one of {', '.join(known)}{hint}"


def _words(expected: str) -> list[str]:
    return re.findall(r"'([^']*)'", expected)
