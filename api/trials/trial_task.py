"""What one trial does, wherever it runs: a rule, and perhaps the version that holds now, on the same inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from api.trials.recorded.recording import Reader, RecordedSpan, recording
from api.trials.trial import Report, Tried, tried
from api.trials.trial_input import TrialInput
from streams.documents.document import Owned
from streams.documents.registry import read as document
from streams.documents.rule import Rule
from streams.settings import Settings

CLOSE = 5_760  # ticks of a trial on recorded telemetry: one every fifteen seconds of a day
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


class TrialRun(NamedTuple):
    """One version of a rule on the inputs; `others`: all documents beside it."""

    rule: Body
    others: list[Body]
    inputs: GivenInputs | RecordedInputs


class TrialTask(NamedTuple):
    """`before`: the rule as it holds now, where the tried one would replace it; `others`: all beside it."""

    rule: Body
    before: Body | None
    others: list[Body]
    inputs: GivenInputs | RecordedInputs

    def runs(self) -> list[TrialRun]:
        """One for each version, that of what is tried first."""
        return [TrialRun(rule, self.others, self.inputs) for rule in (self.rule, self.before) if rule]


class RunOutcome(NamedTuple):
    """What comes of one version. `inputs`: how many messages; `begin`, `until`: ms."""

    tried: Tried
    inputs: int
    begin: int
    until: int
    remarks: list[str]


class TrialOutcome(NamedTuple):
    """What comes of what is tried, and of the version that holds now."""

    after: RunOutcome
    before: RunOutcome | None = None


def carried_out(run: TrialRun, report: Report) -> RunOutcome:
    """All of it; Refused where there is nothing to show."""
    rule = document(*run.rule)
    assert isinstance(rule, Rule)
    documents = [rule, *(document(*body) for body in run.others)]
    if isinstance(run.inputs, GivenInputs):
        messages, until = run.inputs
        return RunOutcome(tried(documents, messages, until, report), len(messages), messages[0].at, until, [])
    rules = [known for known in documents if isinstance(known, Rule)]
    inputs = recording(*run.inputs, rules, lambda done: report(READING * done))
    messages, until = inputs.messages, max(run.inputs.span.end, inputs.messages[-1].at + 1)
    outcome = tried(documents, messages, until, lambda done: report(READING + (1 - READING) * done), CLOSE)
    return RunOutcome(outcome, len(messages), messages[0].at, until, inputs.remarks)


def bodies(documents: Sequence[Owned]) -> list[Body]:
    """Documents as they travel."""
    return [(known.type, known.body()) for known in documents]
