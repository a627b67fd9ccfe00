"""An expression of PromQL in, the condition of one of our rules out; Refused says what has no counterpart.

`avg_over_time(load[5m]) > 4` → `{"avg": "load", "over": "300s", "above": 4.0, "recover": 4.0}`
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from streams.errors import Refused

SELECTOR = r'[a-zA-Z_:][\w:]*(?:\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\})?'
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
LENGTH = r"(?:\d+(?:ms|s|m|h|d|w|y))+"
COMPARISONS = {
    ">": "above",
    "<": "below",
    ">=": "at_or_above",
    "<=": "at_or_below",
    "==": "equals",
    "!=": "differs_from",
}
WINDOWS = {
    "avg_over_time": "avg", "min_over_time": "min", "max_over_time": "max", "sum_over_time": "sum",
    "count_over_time": "count", "stddev_over_time": "stddev", "rate": "rate", "increase": "increase",
    "delta": "delta", "changes": "changes",
}  # fmt: skip
GROUPED = {"sum": ("rate", "increase", "sum", "count"), "avg": ("avg",), "min": ("min",), "max": ("max",)}
GROWING = ("rate", "increase")
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "y": 31_536_000}  # seconds
WHOLE = "gateway"  # what a group without labels is: all of one gateway, within which each rule is judged
_COMPARED = re.compile(rf"(.+?)\s*(>=|<=|==|!=|>|<)\s*({NUMBER})", re.DOTALL)
_PLAIN = re.compile(SELECTOR)
_WINDOWED = re.compile(rf"(\w+)\s*\(\s*({SELECTOR})\s*\[\s*({LENGTH})\s*\]\s*\)")
_BEFORE = re.compile(
    r"(?P<of>\w+)\s{0,9}(?:by\s{0,9}\((?P<by>[\w\s,]*)\))?\s{0,9}\((?P<what>.+)\)", re.DOTALL
)
_BEHIND = re.compile(r"(?P<of>\w+)\s*\((?P<what>.+)\)\s*by\s*\((?P<by>[\w\s,]*)\)", re.DOTALL)
_OF_SAMPLES = re.compile(
    rf"quantile_over_time\s*\(\s*({NUMBER})\s*,\s*({SELECTOR})\s*\[\s*({LENGTH})\s*\]\s*\)"
)
_OF_BUCKETS = re.compile(rf"histogram_quantile\s*\(\s*({NUMBER})\s*,(.+)\)", re.DOTALL)
Condition = dict[str, Any]


def condition(expression: str) -> Condition:
    """The fields of our condition."""
    text = _bare(expression)
    compared = _COMPARED.fullmatch(text)
    if compared is None:
        raise Refused("only a comparison with a number maps")
    left, sign, limit = compared.groups()
    side, level = COMPARISONS[sign], float(limit)
    recover = {} if side in ("equals", "differs_from") else {"recover": level}
    return {**_looked_at(_bare(left)), side: level, **recover}


def seconds(length: str) -> float:
    """A length of Prometheus's, `1h30m`, in seconds."""
    return sum(
        float(number) * UNITS[unit] for number, unit in re.findall(r"(\d{1,20})(ms|s|m|h|d|w|y)", length)
    )


def spelled(length: str) -> str:
    """The same as we write it."""
    return f"{seconds(length):g}s"


def _looked_at(text: str) -> Condition:
    """What is compared, by the first form that fits."""
    for form in FORMS:
        if (form_read := form(text)) is not None:
            return form_read
    raise Refused(f"`{text[:80]}` has no counterpart")


def _plain(text: str) -> Condition | None:
    return {"last": text} if _PLAIN.fullmatch(text) else None


def _windowed(text: str) -> Condition | None:
    match = _WINDOWED.fullmatch(text)
    if match is None or match[1] not in WINDOWS:
        return None
    return {WINDOWS[match[1]]: match[2], "over": spelled(match[3])}


def _grouped(text: str) -> Condition | None:
    match = _BEHIND.fullmatch(text) or _BEFORE.fullmatch(text)
    inner = _windowed(_bare(match["what"])) if match and match["of"] in GROUPED else None
    if match is None or inner is None or next(iter(inner)) not in GROUPED[match["of"]]:
        return None
    return inner | {"by": _labels(match["by"])}


def _shared(text: str) -> Condition | None:
    """A share: the growth of one counter by that of another, of the same groups and the same window."""
    over, stroke, under = text.partition("/") if text.count("/") == 1 else _halves(text)
    sides = [_grouped(_bare(side)) or _windowed(_bare(side)) for side in (over, under)] if stroke else []
    if len(sides) != 2 or sides[0] is None or sides[1] is None:
        return None
    functions = [next(iter(side)) for side in sides if side is not None]
    names = [str(side[function]) for side, function in zip(sides, functions, strict=True) if side is not None]
    rest = [
        {k: v for k, v in side.items() if k != f} for side, f in zip(sides, functions, strict=True) if side
    ]
    if functions[0] != functions[1] or functions[0] not in GROWING or rest[0] != rest[1]:
        return None
    return {"ratio": f"{names[0]} / {names[1]}", **rest[0]}


def _halves(text: str) -> tuple[str, str, str]:
    """Both sides of the one stroke that stands outside of brackets and quotes."""
    depth, quoted = 0, False
    for place, sign in enumerate(text):
        quoted ^= sign == '"'
        depth += 0 if quoted else (sign in "({[") - (sign in ")}]")
        if sign == "/" and not depth and not quoted:
            return text[:place], "/", text[place + 1 :]
    return text, "", ""


def _of_samples(text: str) -> Condition | None:
    match = _OF_SAMPLES.fullmatch(text)
    return {"quantile": f"{match[1]} of {match[2]}", "over": spelled(match[3])} if match else None


def _of_buckets(text: str) -> Condition | None:
    match = _OF_BUCKETS.fullmatch(text)
    inner = (_grouped(_bare(match[2])) or _windowed(_bare(match[2]))) if match else None
    if match is None or inner is None or next(iter(inner)) not in GROWING:
        return None
    of = next(iter(inner))
    by = [label for label in inner.get("by", ()) if label not in ("le", WHOLE)]
    return {"quantile": f"{match[1]} of {inner[of]}", "over": inner["over"]} | ({"by": by} if by else {})


def _labels(text: str | None) -> list[str]:
    return [label.strip() for label in (text or "").split(",") if label.strip()] or [WHOLE]


def _bare(text: str) -> str:
    """Without blanks around it, nor brackets that hold all of it."""
    text = text.strip()
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closing(text: str) -> int:
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return place
    return -1


FORMS: tuple[Callable[[str], Condition | None], ...] = (
    _plain, _windowed, _of_samples, _of_buckets, _shared, _grouped,
)  # fmt: skip
