"""Whether each source of a gateway is heard, and Tocsin's own alerts where one is not or cannot be trusted."""

from __future__ import annotations

from msgspec.structs import replace

from streams.calendar.duration import spell
from streams.documents.document import PLATFORM
from streams.messages.envelope import Severity
from streams.messages.verdict import Verdict, Verdicts
from streams.telemetry.reserved_source import is_recording
from streams.telemetry.samples import Batch
from streams.telemetry.series import canonical
from streams.topics import INBOX
from tables.detect import completion
from tables.detect.columns import Array
from tables.detect.context import Context
from tables.detect.health import gateway, inventory, processes, roster
from tables.detect.health.state import Source
from tables.detect.series import ownership
from tables.detect.series.batch_layout import BatchLayout
from tables.detect.verdicts import verdicts
from tables.kernel import alarm
from tables.kernel.level import owner_of
from tables.kernel.row import AnyRow as Row

LOST = "telemetry-lost"
SHARED = "series-shared"
UNTRUSTED = "counters-untrusted"


def heard(context: Context, entry: Row, batch: Batch, at: int, layout: BatchLayout, values: Array) -> None:
    """A source spoke of event ms `at`: it is not lost, and its process start times are compared."""
    name = batch.source
    source: Source = entry.value.sources[name]
    if source.lost:
        _change(entry, name, replace(source, lost=False, stranger=False))
        verdicts.again(context, context.index(batch.gateway), name)
        words = f"{name} of {batch.gateway} is heard again"
        _end_silence(context, entry, name, source, (words, "a frame came"))
    _shared(context, entry, name, layout)
    if layout.up is not None:
        _up(context, entry, name, up=float(values[layout.up]) > 0)
    if layout.start is not None:
        _start(context, entry, name, float(values[layout.start]), at)


def _change(entry: Row, name: str, source: Source) -> None:
    entry.value = gateway.with_source(entry.value, name, source)


def _shared(context: Context, entry: Row, name: str, layout: BatchLayout) -> None:
    """The source sends what another one sends, which is not taken; or it no longer does, in a whole frame."""
    source: Source = entry.value.sources[name]
    if layout.shared:
        _change(entry, name, replace(source, shared=source.at))
        if source.shared is None:
            index = context.index(owner_of(entry.key))
            owner = ownership.owner(context, index, index.series[canonical(layout.shared)])
            whose = f"{name} of {index.gateway} sends series that {owner} sends already"
            words = f"{whose}, {layout.shared:.80} for one: they are not taken"
            why = "two producers of one series look like one that leaps: give each a label of its own, or stop one"
            say(context, entry, SHARED, name, "info", words, why)
    elif source.full and source.shared is not None and source.shared < source.at:
        _change(entry, name, replace(source, shared=None))
        _end_shared(context, entry, name, source, "a whole frame had none")


def _end_shared(context: Context, entry: Row, name: str, source: Source, why: str) -> None:
    if source.shared is not None:
        words = f"{name} of {owner_of(entry.key)} sends no series of another source any more"
        say(context, entry, SHARED, name, None, words, why)


def _up(context: Context, entry: Row, name: str, *, up: bool) -> None:
    """The gateway answers, or it does not: then nothing is known of what others say of it, and their alerts say so."""
    before = entry.value.up
    entry.value = replace(entry.value, up=up, up_by=name)
    if before != up:
        for other in sorted(entry.value.sources):
            if other != name:
                verdicts.again(context, context.index(owner_of(entry.key)), other)


def _start(context: Context, entry: Row, name: str, value: float, at: int) -> None:
    active, gateway_name = context.clock.active, owner_of(entry.key)
    source, another = processes.started(entry.value.sources[name], value, active, at)
    ended = source.untrusted and active - source.settled > processes.SETTLED
    if ended:
        source = replace(source, untrusted=False, trusted=at)
    begun = another and not source.untrusted
    _change(entry, name, replace(source, untrusted=source.untrusted or begun))
    if ended:
        verdicts.again(context, context.index(gateway_name), name)
        words = f"Counters of {name} on {gateway_name} come from one process again"
        say(context, entry, UNTRUSTED, name, None, words, f"for {spell(processes.SETTLED)}")
    if begun:
        verdicts.again(context, context.index(gateway_name), name)
        blind = sorted(
            {compiled.rule.name for compiled in context.compiled_rules.values() if compiled.counts}
        )
        whose = f"Counters of {name} on {gateway_name} alternate between processes"
        words = f"{whose}; blind rules: {', '.join(blind) or 'none'}"
        why = "several workers answer behind one scrape address: set PROMETHEUS_MULTIPROC_DIR or scrape each worker"
        say(context, entry, UNTRUSTED, name, "info", words, why)


def due(context: Context, entry: Row) -> None:
    """Incomplete frames that have waited are judged as they are; silent sources are lost."""
    index, active = context.index(owner_of(entry.key)), context.clock.active
    for name in sorted(entry.value.sources):
        source: Source = entry.value.sources[name]
        if gateway.overdue(source, active):
            _change(entry, name, replace(source, seen=(), done=source.at))
            completion.complete(context, index, name, source.at)
        if gateway.silent(source, active) and not source.lost:
            _lost(context, entry, name)


def _lost(context: Context, entry: Row, name: str) -> None:
    source: Source = entry.value.sources[name]
    if not entry.value.up:
        # explained: the gateway is down and has its own alert; look again later
        _change(entry, name, replace(source, heard=context.clock.active))
        return
    known = entry.value.inventory is not None
    _change(entry, name, replace(source, lost=True, stranger=not known))
    gateway_name = owner_of(entry.key)
    context.index(gateway_name).layouts.clear()  # others may send what it sent
    verdicts.again(context, context.index(gateway_name), name)
    silence = f"nothing from {name} for {spell(gateway.patience(source))}"
    if is_recording(name):
        return  # what its rules read is silent, and that is told
    because = gateway.because(entry.value, source)
    words = f"We are blind on {gateway_name}: {silence}{because}; its rules hold as unknown"
    why = "its source fell silent"
    if known:
        say(context, entry, LOST, name, "warning", words, why)
    elif (verdict := _verdict(context, entry, LOST, name, "warning", words, why)) is not None:
        roster.fell_silent(context, gateway_name, verdict)


def _end_silence(context: Context, entry: Row, name: str, source: Source, words: tuple[str, str]) -> None:
    if not source.stranger:
        say(context, entry, LOST, name, None, *words)
    elif (verdict := _verdict(context, entry, LOST, name, None, *words)) is not None:
        roster.spoke_again(context, owner_of(entry.key), verdict)


def stop(context: Context, entry: Row, name: str) -> None:
    """A source was taken away on purpose: it is no longer waited for."""
    source: Source | None = entry.value.sources.get(name)
    if source is not None:
        others = {other: of for other, of in entry.value.sources.items() if other != name}
        entry.value = replace(entry.value, sources=others)
        words = f"{name} of {owner_of(entry.key)} was stopped on purpose", "its producer said so"
        _end_all(context, entry, name, source, words)
        if entry.value.up_by == name:
            _up(context, entry, name, up=True)  # nobody says any more that the gateway does not answer
        completion.abandon(context, context.index(owner_of(entry.key)), name)


def forget(context: Context, entry: Row) -> None:
    """The gateway is forgotten, and with it what was said of its sources."""
    words = f"{owner_of(entry.key)} is forgotten", "nothing was heard of it for more than a day"
    for name, source in sorted(entry.value.sources.items()):
        _end_all(context, entry, name, source, words)


def _end_all(context: Context, entry: Row, name: str, source: Source, words: tuple[str, str]) -> None:
    """What was said of a source is over with it. `words`: what became of it, and why."""
    _end_silence(context, entry, name, source, words)
    _end_shared(context, entry, name, source, words[0])
    if source.untrusted:
        say(context, entry, UNTRUSTED, name, None, *words)


def say(
    context: Context, entry: Row, rule: str, key: str, severity: Severity | None, words: str, why: str
) -> None:
    """One of Tocsin's own alerts about a gateway; without a severity it is over."""
    if (verdict := _verdict(context, entry, rule, key, severity, words, why)) is not None:
        team, of = inventory.team(entry.value.inventory, "", PLATFORM)
        id, at = context.next_id(entry), context.clock.now
        context.emit(INBOX, team, Verdicts(id=id, at=at, team=team, why_team=of, verdicts=[verdict]))


def _verdict(
    context: Context, entry: Row, rule: str, key: str, severity: Severity | None, words: str, why: str
) -> Verdict | None:
    """What is said, at its next turn; None where what is over was never said."""
    fingerprint = f"{rule}|{key}"
    if severity is None and fingerprint not in entry.value.turns:
        return None
    entry.value, turn = gateway.turn(entry.value, key, fingerprint, context.clock.now)
    of = alarm.Alarm(rule, owner_of(entry.key), key, words, why, severity)
    return of.verdict(turn, context.clock.now, {"source": key} if key else {})
