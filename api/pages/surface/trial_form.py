"""A trial's form, a series or an event a line, in; what a trial takes, and the lines that suit a rule, out."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, NamedTuple

from pydantic import ValidationError

from api.field_faults import fault
from api.instant import length
from api.pages.surface.form import checked
from api.trials.happening import Happening
from api.trials.recorded.recording import Recorded
from api.trials.sample import BEGIN, Wave
from streams.documents.conditions.condition_input import COUNTERS, FUNCTIONS, Input
from streams.documents.rule import Rule
from streams.errors import Refused
from streams.matcher import Matcher, Selector, matchers
from streams.telemetry.series import spell

EVERY = "15s"
STEP, LONGEST = 15_000, 400  # ms between two values of a suggestion, and how many it holds at most
CALLS, MOST = 100, 10_000  # calls of a step of a suggested ratio; values of one line
WAVES, EVENTS = 20, 20_000  # series, and events, of all lines
HOW = "write `series: values`, for instance errors: 0 x10, 0.2 x20, or for a counter calls: 0, +100 x30"
EVENT = "event "  # how the line of an event begins
HOW_EVENT = 'write `event type{label="value"}: x6`: six of them, one at each step'


class Run(NamedTuple):
    """A value as it is written, or a step from the value before it, and how often it comes."""

    text: str
    times: int
    step: float | None = None

    def values(self, before: float) -> list[str | float]:
        """The values one by one. `before`: the one that a step goes on from."""
        if self.step is None:
            return [self.text] * self.times
        return [before + self.step * number for number in range(1, self.times + 1)]


def source(fields: Mapping[str, str]) -> dict[str, Any]:
    """What a rule is tried on: what Kafka has recorded, or the lines of the form; Refused says what is wrong."""
    if fields.get("on") != "recorded":
        every, lines = fields.get("every", EVERY), fields.get("waves", "")
        return {"generate": waves(lines, every), "events": events(lines, every)}
    asked = {"gateway": fields.get("gateway", ""), "last": fields.get("last")}
    return {"recorded": checked(Recorded, asked)}


def waves(text: str, every: str) -> list[Wave]:
    """One wave for each line of a series; Refused names the line that cannot be read, and how one is written."""
    lines = [(number, line) for number, line in _lines(text) if not line.startswith(EVENT)]
    if len(lines) > WAVES:
        raise Refused(f"line {lines[WAVES][0]}: here are more than {WAVES} series: take fewer")
    return [_wave(number, line, every) for number, line in lines]


def events(text: str, every: str) -> list[Happening]:
    """The events of the lines that say some, one at each step from the beginning."""
    step = length(every, "every")
    happenings: list[Happening] = []
    for number, line in _lines(text):
        if line.startswith(EVENT):
            event, times = _event(number, line)
            if len(happenings) + times > EVENTS:
                raise Refused(f"line {number}: here are more than {EVENTS} events in all: take fewer")
            happenings += [event.model_copy(update={"at": BEGIN + place * step}) for place in range(times)]
    return happenings


def _lines(text: str) -> list[tuple[int, str]]:
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _event(number: int, line: str) -> tuple[Happening, int]:
    what, _, times = line.removeprefix(EVENT).rpartition(":")
    name, _, labels = what.strip().partition("{")
    run = times.strip().removeprefix("x")
    if not name or not run.isdecimal() or not 0 < int(run) <= MOST:
        raise Refused(f"line {number}: {line!r:.60} is no event: {HOW_EVENT}")
    attributes = {matcher.label: matcher.value for matcher in matchers(labels.strip().removesuffix("}"))}
    return Happening(at=BEGIN, event=name.strip(), labels=attributes), int(run)


def _wave(number: int, line: str, every: str) -> Wave:
    series, colon, text = line.rpartition(":")
    if not colon or not series.strip():
        raise Refused(f"line {number}: {line!r:.60} is no series with values: {HOW}")
    values: list[str | float] = []
    for part in (part.strip() for part in text.split(",") if part.strip()):
        values += _run(number, part).values(_number(values[-1]) if values else 0.0)
        if len(values) > MOST:
            raise Refused(f"line {number}: more than {MOST} values: take fewer")
    try:
        return Wave.model_validate({"series": series.strip(), "values": values, "every": every})
    except ValidationError as why:
        error = why.errors(include_url=False)[0]
        raise Refused(f"line {number}: {fault(error['loc'], error)}") from None


def _run(number: int, part: str) -> Run:
    value, _, times = (word.strip() for word in part.partition("x"))
    if times and not (times.isdecimal() and 0 < int(times) <= MOST):
        raise Refused(f"line {number}: {part!r:.40} is no value with its times: {HOW}")
    return Run(value, int(times or 1), _number(value) if value.startswith("+") else None)


def _number(value: str | float) -> float:
    """The number that is written; what is none is refused where it stands itself."""
    try:
        return float(value)
    except ValueError:
        return 0.0


def suggested(rule: Rule) -> str:
    """Lines with which the rule fires and is over again: well, wrong for long enough, well. Empty: we know none."""
    condition = rule.condition
    if condition.event is not None:
        labels = {matcher.label: _fitting(matcher) for matcher in matchers(condition.where)}
        limits = rule.levels()[0].values() if condition.comparison else [0]
        named = {label: value for label, value in labels.items() if value}
        return f"{EVENT}{spell(condition.event[0].replace('*', 'x'), named)}: x{int(max(limits)) + 2}"
    inputs = {_series(input_.selector): input_ for input_ in condition.inputs()}
    learned = condition.anomaly is not None or condition.compared_to > 0
    if learned or any(input_.function not in FUNCTIONS for input_ in inputs.values()):
        return ""
    steps = [min(LONGEST, -(-(lasts + condition.over) // STEP) + 12) for lasts in (0, rule.for_, rule.keep)]
    well, wrong = _values(rule)
    return "\n".join(_line(rule, input_, steps, (well, wrong)) for input_ in inputs.values())


def _line(rule: Rule, input_: Input, steps: list[int], values: tuple[float, float]) -> str:
    """The line of one metric: a level, or where growth is looked at a counter, which is read once before it counts."""
    sign, begin, levels = "", "", [values[0], values[1], values[0]]
    if input_.function in COUNTERS:
        ratio, over = rule.condition.fraction is not None, rule.condition.over
        of = CALLS if ratio else STEP / 1000 if input_.function == "rate" else STEP / over
        levels = [of] * 3 if ratio and input_.role else [max(level, 0.0) * of for level in levels]
        sign, begin = "+", "0, "
    runs = (f"{sign}{level:.6g} x{count}" for level, count in zip(levels, steps, strict=True))
    return f"{_series(input_.selector)}: {begin}{', '.join(runs)}"


def _series(selector: Selector) -> str:
    """A series that the selector fits, as far as that can be told from what it asks for."""
    values = {matcher.label: _fitting(matcher) for matcher in selector.matchers}
    return spell(selector.name, {label: value for label, value in values.items() if value})


def _fitting(matcher: Matcher) -> str:
    """A value that a matcher asks for; of a pattern its first word, with a digit where any sign may stand."""
    if matcher.sign.startswith("!"):
        return ""
    value = matcher.value.strip("()").split("|")[0].removesuffix(".*").removesuffix(".+").replace(".", "0")
    return matcher.value if matcher.sign == "=" else value if matcher.matches({matcher.label: value}) else ""


def _values(rule: Rule) -> tuple[float, float]:
    """A number that is well and one that is wrong, by the rule's own limits."""
    limits, _, sign = rule.levels()
    if rule.condition.unreachable:
        return 1.0, 0.0
    numbers = [limit for limit in limits.values() if isfinite(limit)]  # what only records has none
    if not numbers or not sign:
        return 0.0, 1.0
    edge = max(numbers) if sign > 0 else min(numbers)
    away = abs(edge) or 1.0
    return edge - sign * away, edge + sign * away
