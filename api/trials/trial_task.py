"""What one trial does, wherever it runs: a rule, and perhaps the version that holds now, on the same inputs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from api.trials.recorded.recording import Reader, RecordedSpan, recording
from api.trials.trial import TICKS, Report, Tried, tried
from api.trials.trial_input import TrialInput
from streams.documents.document import Owned
from streams.documents.registry import read as document
from streams.documents.rule import Rule
from streams.settings import Settings

CLOSE = 8_640  # ticks of a trial on recorded telemetry: one every ten seconds of a day
READING = 0.4  # the share of the work that reading takes, as its progress counts it

Body = tuple[str, dict[str, Any]]  # a document's type and fields, as they travel everywhere


class GivenInputs(NamedTuple):
    """Inputs that somebody wrote. `until`: ms until which to run."""

    messages: list[TrialInput]
    until: int


class RecordedInputs(NamedTuple):
    """Inputs that are to be read from Kafka. `reader`: what reads them."""

    reader: Reader
    settings: Settings
    span: RecordedSpan


class TrialTask(NamedTuple):
    """`before`: the rule as it holds now, where the tried one would replace it; `others`: all that is no rule."""

    rule: Body
    before: Body | None
    others: list[Body]
    inputs: GivenInputs | RecordedInputs


class TrialOutcome(NamedTuple):
    """What either version makes of it. `inputs`: how many messages; `begin`, `until`: ms."""

    after: Tried
    before: Tried | None
    inputs: int
    begin: int
    until: int
    remarks: list[str]


def carried_out(task: TrialTask, report: Report) -> TrialOutcome:
    """All of it; Refused where there is nothing to show."""
    versions = [_rule(body) for body in (task.rule, task.before) if body]
    others = [document(*body) for body in task.others]
    if isinstance(task.inputs, GivenInputs):
        messages, until = task.inputs
        remarks, share, ticks = list[str](), 0.0, TICKS
    else:
        found = recording(*task.inputs, versions, lambda done: report(READING * done))
        messages, remarks, until = found.messages, found.remarks, task.inputs.span.end
        share, ticks = READING, CLOSE
    runs = []
    for n, rule in enumerate(versions):
        step = partial(_report_step, report, share, (n, len(versions)))
        runs.append(tried([rule, *others], messages, max(until, messages[-1].at + 1), step, ticks))
    before = runs[1] if len(runs) > 1 else None
    return TrialOutcome(runs[0], before, len(messages), messages[0].at, until, remarks)


def _report_step(report: Report, begin: float, run: tuple[int, int], done: float) -> None:
    """The progress of one of several runs as a share of the whole. `run`: its number, and how many there are."""
    number, count = run
    report(begin + (1.0 - begin) * (number + done) / count)


def _rule(body: Body) -> Rule:
    rule = document(*body)
    assert isinstance(rule, Rule)
    return rule


def bodies(documents: Sequence[Owned]) -> list[Body]:
    """Documents as they travel."""
    return [(known.type, known.body()) for known in documents]
