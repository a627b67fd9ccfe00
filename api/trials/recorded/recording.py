"""What gateways said lately, as a log has kept it, as the inputs of a trial: what to read, and what is odd about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.instant import spell
from api.trials.recorded.record_filter import RecordFilter
from api.trials.trial import Report
from api.trials.trial_input import TrialInput
from api.trials.trial_warnings import blind, short
from streams.calendar.duration import spell as length
from streams.documents.document import Length
from streams.documents.rule import Rule
from streams.errors import Refused
from streams.settings import Settings
from streams.telemetry.layout import REPEAT
from streams.text.nearest import nearest
from streams.topics import DAY, TELEMETRY

SHORTEST = 60_000  # ms
BEFORE = (
    2 * REPEAT
)  # ms; so far before the span records are read as well, for the lists of series that it names
LIVE = 600_000  # ms: the live window is what the rule looks back on, and no less than this
LATE = 120_000  # ms: a first record that is later than this after the beginning is worth a word


class Recorded(BaseModel):
    """What of the past to try a rule on. `gateway`: one, or all; `last`: how long, else the rule's live window."""

    model_config = ConfigDict(extra="forbid")
    gateway: str = Field(default="", max_length=256)
    last: Length | None = None

    @field_validator("last")
    @classmethod
    def _kept(cls, last: int | None) -> int | None:
        if last is not None and not SHORTEST <= last <= DAY:
            words = f"{length(SHORTEST)} to {length(DAY)}, which is how long Kafka keeps telemetry"
            raise ValueError(f"{words}, not {length(last)}")
        return last


class RecordedSpan(NamedTuple):
    """Which part of the log is taken, in ms by the broker's clock. `gateway`: one, or "" for all."""

    gateway: str
    begin: int
    end: int

    @property
    def first(self) -> int:
        """From when on it is read, in ms."""
        return self.begin - BEFORE


Take = Callable[[int, str, bytes], None]  # is given each record: its stamp in ms, its key and its bytes
Reader = Callable[
    [Settings, RecordedSpan, Take, Report], None
]  # gives the records of a span, oldest first by key


class Recording(NamedTuple):
    """The inputs, in the order of time, and what their reader should know besides."""

    messages: list[TrialInput]
    remarks: list[str]


def span(recorded: Recorded, rule: Rule, now: int) -> RecordedSpan:
    """From when until now: as long as was said, or as far as the rule looks back."""
    condition = rule.condition
    looks = condition.over + condition.compared_to + condition.absent_for
    back = recorded.last or max(LIVE, looks + rule.for_ + rule.keep)
    return RecordedSpan(recorded.gateway, now - min(back, DAY), now)


def recording(
    reader: Reader, settings: Settings, wanted: RecordedSpan, rules: Sequence[Rule], report: Report
) -> Recording:
    """All that was recorded then, without what no rule reads; Refused where there is nothing."""
    filter_ = RecordFilter(rules)
    inputs: list[TrialInput] = []
    others: set[str] = set()

    def take(at: int, key: str, raw: bytes) -> None:
        if at > wanted.end:
            return
        if wanted.gateway and key != wanted.gateway:
            if at >= wanted.begin:
                others.add(key)
        elif at < wanted.begin:
            filter_.learn(raw, at)
        elif (trimmed := filter_.trimmed(raw, at)) is not None:
            inputs.append(TrialInput(at, TELEMETRY, key, trimmed))

    reader(settings, wanted, take, report)
    if not inputs:
        raise Refused(_nothing(wanted, others))
    messages = sorted(inputs, key=lambda message: message.at)
    unseen = blind(rules, filter_.seen, filter_.events, "recorded then")
    learning = short(rules, wanted.end - messages[0].at)
    return Recording(messages, [*_odd(wanted, messages, filter_), *unseen, *learning])


def _nothing(wanted: RecordedSpan, others: set[str]) -> str:
    """That nothing was recorded, and which gateway may have been meant."""
    back = length((wanted.end - wanted.begin) // 1_000 * 1_000)
    if not wanted.gateway:
        return f"nothing was recorded within the last {back}"
    near = nearest(wanted.gateway, sorted(others))
    hint = f"; did you mean {near[0]!r:.60}?" if near else ": `tocsin gateways list` says who was heard"
    return f"nothing of gateway {wanted.gateway!r:.60} was recorded within the last {back}{hint}"


def _odd(wanted: RecordedSpan, messages: Sequence[TrialInput], filter_: RecordFilter) -> list[str]:
    """That it begins late, or that some of it could not be read."""
    words = []
    if messages[0].at > wanted.begin + LATE:
        words.append(f"what is recorded begins at {spell(messages[0].at)}: nothing was kept, or sent, before")
    if filter_.unreadable:
        words.append(f"{filter_.unreadable} records could not be read, and were left out")
    if filter_.unlisted:
        words.append(
            f"{filter_.unlisted} batches name a list of series that was not told within the {length(BEFORE)} before "
            "them, or is one that detect does not remember, and were left out"
        )
    return words
