"""What a trial's form holds, one series a line, in; the waves of a trial out. And the lines that suit a rule."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import ValidationError

from api.field_faults import fault
from api.trials.sample import Wave
from streams.documents.rule import Rule
from streams.errors import Refused

EVERY = "15s"
STEP, LONGEST = 15_000, 400  # ms between two values of a suggestion, and how many it holds at most
HOW = "write `series: values`, for instance errors: 0 x10, 0.2 x20, 0 x10"


class Run(NamedTuple):
    """A value, and how often it comes."""

    text: str
    times: int


def waves(text: str, every: str) -> list[Wave]:
    """One wave for each line; Refused names the line that cannot be read, and how one is written."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    return [_wave(number, line, every) for number, line in lines]


def _wave(number: int, line: str, every: str) -> Wave:
    series, colon, values = line.rpartition(":")
    if not colon or not series.strip():
        raise Refused(f"line {number}: {line!r:.60} is no series with values: {HOW}")
    runs = [_run(number, part.strip()) for part in values.split(",") if part.strip()]
    given = {
        "series": series.strip(),
        "values": [run.text for run in runs for _ in range(run.times)],
        "every": every,
    }
    try:
        return Wave.model_validate(given)
    except ValidationError as why:
        error = why.errors(include_url=False)[0]
        raise Refused(f"line {number}: {fault(error['loc'], error)}") from None


def _run(number: int, part: str) -> Run:
    value, _, times = part.partition("x")
    if times and not (times.strip().isdecimal() and 0 < int(times) <= 10_000):
        raise Refused(f"line {number}: {part!r:.40} is no value with its times: {HOW}")
    return Run(value.strip(), int(times or 1))


def suggested(rule: Rule) -> str:
    """Lines with which the rule most likely fires and is over again: well, wrong for long enough, well."""
    steps = min(LONGEST, -(-(rule.for_ + rule.condition.over) // STEP) + 12)
    back = min(LONGEST, -(-(rule.keep + rule.condition.over) // STEP) + 12)
    inputs = {input_.selector.name: input_.role for input_ in rule.condition.inputs()}
    if not inputs or rule.condition.anomaly:
        return ""
    well, wrong = _values(rule)
    lines = (
        f"{name}: {'100' if role else f'{well:.6g}'} x8, {'100' if role else f'{wrong:.6g}'} x{steps}, "
        f"{'100' if role else f'{well:.6g}'} x{back}"
        for name, role in inputs.items()
    )
    return "\n".join(lines)


def _values(rule: Rule) -> tuple[float, float]:
    """A number that is well and one that is wrong, by the rule's own limits."""
    limits, _, sign = rule.levels()
    if rule.condition.unreachable:
        return 1.0, 0.0
    numbers = list(limits.values())
    if not numbers or not sign:
        return 0.0, 1.0
    edge = max(numbers) if sign > 0 else min(numbers)
    away = abs(edge) or 1.0
    return (edge - sign * away), (edge + sign * away)
