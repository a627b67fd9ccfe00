"""Whether each source of a gateway is heard, and Tocsin's own alerts where one is not or cannot be trusted."""

from __future__ import annotations

from typing import Any

from streams.documents.document import PLATFORM
from streams.duration import spell
from streams.messages.envelope import Severity
from streams.messages.verdict import Verdict, Verdicts
from streams.samples import Batch
from streams.series import canonical
from streams.topics import INBOX
from tables.detect import completion
from tables.detect.columns import Array
from tables.detect.context import Context
from tables.detect.health import gateway, inventory, processes, roster
from tables.detect.series import ownership
from tables.detect.series.batch_layout import BatchLayout
from tables.detect.verdicts import verdicts
from tables.kernel import alarm
from tables.kernel.level import owner_of
from tables.kernel.row import AnyRow as Row

LOST = "telemetry-lost"
SHARED = "series-shared"


def heard(context: Context, entry: Row, batch: Batch, at: int, layout: BatchLayout, values: Array) -> None:
    """A source spoke of event ms `at`: it is not lost, and its process start times are compared."""
    source = entry.value["sources"][batch.source]
    if source["lost"]:
        source["lost"] = False
        verdicts.again(context, context.index(batch.gateway), batch.source)
        words = f"{batch.source} of {batch.gateway} is heard again"
        _end_silence(context, entry, batch.source, source, (words, "a frame came"))
    _shared(context, entry, batch.source, layout)
    if layout.up is not None:
        _up(context, entry, batch.source, up=float(values[layout.up]) > 0)
    if layout.start is not None:
        _start(context, entry, batch.source, float(values[layout.start]), at)


def _shared(context: Context, entry: Row, name: str, layout: BatchLayout) -> None:
    """The source sends what another one sends, which is not taken; or it no longer does, in a whole frame."""
    source = entry.value["sources"][name]
    if layout.shared:
        before, source["shared"] = source.get("shared"), source["at"]
        if before is None:
            index = context.index(owner_of(entry.key))
            owner = ownership.owner(context, index, index.series[canonical(layout.shared)])
            whose = f"{name} of {index.gateway} sends series that {owner} sends already"
            words = f"{whose}, {layout.shared:.80} for one: they are not taken"
            why = "two producers of one series look like one that leaps: give each a label of its own, or stop one"
            say(context, entry, SHARED, name, "info", words, why)
    elif source["full"] and source.get("shared", source["at"]) < source["at"]:
        _end_shared(context, entry, name, source, "a whole frame had none")


def _end_shared(context: Context, entry: Row, name: str, source: dict[str, Any], why: str) -> None:
    if source.pop("shared", None) is not None:
        words = f"{name} of {owner_of(entry.key)} sends no series of another source any more"
        say(context, entry, SHARED, name, None, words, why)


def _up(context: Context, entry: Row, name: str, *, up: bool) -> None:
    """The gateway answers, or it does not: then nothing is known of what others say of it, and their alerts say so."""
    before, entry.value["up"] = entry.value.get("up", True), up
    entry.value["up_by"] = name
    if before != up:
        for other in sorted(entry.value["sources"]):
            if other != name:
                verdicts.again(context, context.index(owner_of(entry.key)), other)


def _start(context: Context, entry: Row, name: str, value: float, at: int) -> None:
    source, active = entry.value["sources"][name], context.clock.active
    again = processes.started(source, value, active, at)
    if source["untrusted"] and active - source["settled"] > processes.SETTLED:
        source |= {"untrusted": False, "trusted": at}
        verdicts.again(context, context.index(owner_of(entry.key)), name)
        words = f"Counters of {name} on {owner_of(entry.key)} come from one process again"
        say(context, entry, "counters-untrusted", name, None, words, f"for {spell(processes.SETTLED)}")
    if again and not source["untrusted"]:
        source["untrusted"] = True
        verdicts.again(context, context.index(owner_of(entry.key)), name)
        blind = sorted(
            {compiled.rule.name for compiled in context.compiled_rules.values() if compiled.counts}
        )
        whose = f"Counters of {name} on {owner_of(entry.key)} alternate between processes"
        words = f"{whose}; blind rules: {', '.join(blind) or 'none'}"
        why = "several workers answer behind one scrape address: set PROMETHEUS_MULTIPROC_DIR or scrape each worker"
        say(context, entry, "counters-untrusted", name, "info", words, why)


def due(context: Context, entry: Row) -> None:
    """Incomplete frames that have waited are judged as they are; silent sources are lost."""
    index, active = context.index(owner_of(entry.key)), context.clock.active
    for name in sorted(entry.value.get("sources", {})):
        source = dict(entry.value["sources"][name])
        entry.value["sources"] = entry.value["sources"] | {name: source}
        if gateway.overdue(source, active):
            source |= {"seen": [], "done": source["at"]}
            completion.complete(context, index, name, source["at"])
        if gateway.silent(source, active) and not source["lost"]:
            _lost(context, entry, name, source)


def _lost(context: Context, entry: Row, name: str, source: dict[str, Any]) -> None:
    if entry.value.get("up") is False:
        source["heard"] = (
            context.clock.active
        )  # explained: the gateway is down and has its own alert; look again later
        return
    source["lost"] = True
    context.index(owner_of(entry.key)).layouts.clear()  # others may send what it sent
    verdicts.again(context, context.index(owner_of(entry.key)), name)
    silence = f"nothing from {name} for {spell(gateway.patience(source))}"
    because = gateway.because(entry.value, source)
    words = f"We are blind on {owner_of(entry.key)}: {silence}{because}; its rules hold as unknown"
    why = "its source fell silent"
    if inventory.registered(entry.value):
        say(context, entry, LOST, name, "warning", words, why)
        return
    source["stranger"] = True
    if (verdict := _verdict(context, entry, LOST, name, "warning", words, why)) is not None:
        roster.fell_silent(context, owner_of(entry.key), verdict)


def _end_silence(
    context: Context, entry: Row, name: str, source: dict[str, Any], words: tuple[str, str]
) -> None:
    if not source.pop("stranger", False):
        say(context, entry, LOST, name, None, *words)
    elif (verdict := _verdict(context, entry, LOST, name, None, *words)) is not None:
        roster.spoke_again(context, owner_of(entry.key), verdict)


def stop(context: Context, entry: Row, name: str) -> None:
    """A source was taken away on purpose: it is no longer waited for."""
    sources = dict(entry.value.get("sources", {}))
    if (source := sources.pop(name, None)) is not None:
        entry.value["sources"] = sources
        words = f"{name} of {owner_of(entry.key)} was stopped on purpose"
        _end_silence(context, entry, name, dict(source), (words, "its producer said so"))
        _end_shared(context, entry, name, dict(source), "its producer was stopped")
        completion.abandon(context, context.index(owner_of(entry.key)), name)


def forget(context: Context, entry: Row) -> None:
    """The gateway is forgotten, and with it what was said of its sources."""
    words = f"{owner_of(entry.key)} is forgotten", "nothing was heard of it for more than a day"
    for name, source in sorted(entry.value.get("sources", {}).items()):
        _end_silence(context, entry, name, dict(source), words)
        _end_shared(context, entry, name, dict(source), words[1])
        if source["untrusted"]:
            say(context, entry, "counters-untrusted", name, None, *words)


def say(
    context: Context, entry: Row, rule: str, key: str, severity: Severity | None, words: str, why: str
) -> None:
    """One of Tocsin's own alerts about a gateway; without a severity it is over."""
    if (verdict := _verdict(context, entry, rule, key, severity, words, why)) is not None:
        team, of = inventory.team(entry.value, "", PLATFORM)
        id, at = context.next_id(entry), context.clock.now
        context.emit(INBOX, team, Verdicts(id=id, at=at, team=team, why_team=of, verdicts=[verdict]))


def _verdict(
    context: Context, entry: Row, rule: str, key: str, severity: Severity | None, words: str, why: str
) -> Verdict | None:
    """What is said, at its next turn; None where what is over was never said."""
    said = f"{rule}|{key}"
    if severity is None and said not in entry.value.get("turns", {}):
        return None
    turn = gateway.turn(entry.value, key, said, context.clock.now)
    of = alarm.Alarm(rule, owner_of(entry.key), key, words, why, severity)
    return of.verdict(turn, context.clock.now, {"source": key} if key else {})
