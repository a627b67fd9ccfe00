"""Whether each source of a gateway is heard, and Tocsin's own alerts where one is not or cannot be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streams.documents.document import PLATFORM
from streams.duration import spell
from streams.messages.envelope import Severity
from streams.messages.verdict import Verdicts
from streams.samples import Batch
from streams.topics import INBOX
from tables.detect import frame, gateway, verdicts
from tables.detect.columns import Array
from tables.detect.index import Layout
from tables.kernel import alarm
from tables.kernel.row import AnyRow as Row

if TYPE_CHECKING:
    from tables.detect.machine import Detect


def heard(machine: Detect, entry: Row, batch: Batch, layout: Layout, values: Array) -> None:
    """A source spoke: it is not lost, and its process start times are compared."""
    source = entry.value["sources"][batch.source]
    if source["lost"]:
        source["lost"] = False
        verdicts.again(machine, machine.index(batch.gateway), batch.source)
        words = f"{batch.source} of {batch.gateway} is heard again"
        say(machine, entry, "telemetry-lost", batch.source, None, words, "a frame came")
    if layout.up is not None:
        entry.value["up"] = float(values[layout.up]) > 0
    if layout.start is not None:
        _start(machine, entry, batch.source, float(values[layout.start]))


def _start(machine: Detect, entry: Row, name: str, value: float) -> None:
    source, attended = entry.value["sources"][name], machine.clock.active
    again = gateway.started(source, value, attended)
    if source["untrusted"] and attended - source["settled"] > gateway.SETTLED:
        source["untrusted"] = False
        verdicts.again(machine, machine.index(entry.key[2:]), name)
        words = f"Counters of {name} on {entry.key[2:]} come from one process again"
        say(machine, entry, "counters-untrusted", name, None, words, f"for {spell(gateway.SETTLED)}")
    if again and not source["untrusted"]:
        source["untrusted"] = True
        verdicts.again(machine, machine.index(entry.key[2:]), name)
        blind = sorted({watch.rule.name for watch in machine.watches.values() if watch.counts})
        whose = f"Counters of {name} on {entry.key[2:]} alternate between processes"
        words = f"{whose}; blind rules: {', '.join(blind) or 'none'}"
        why = "several workers answer behind one scrape address: set PROMETHEUS_MULTIPROC_DIR or scrape each worker"
        say(machine, entry, "counters-untrusted", name, "info", words, why)


def due(machine: Detect, entry: Row) -> None:
    """Incomplete frames that have waited are judged as they are; silent sources are lost."""
    index, attended = machine.index(entry.key[2:]), machine.clock.active
    for name in sorted(entry.value.get("sources", {})):
        source = dict(entry.value["sources"][name])
        entry.value["sources"] = entry.value["sources"] | {name: source}
        if gateway.overdue(source, attended):
            source |= {"seen": [], "done": source["at"]}
            frame.complete(machine, index, name, source["at"])
        if gateway.silent(source, attended) and not source["lost"]:
            _lost(machine, entry, name, source)


def _lost(machine: Detect, entry: Row, name: str, source: dict[str, Any]) -> None:
    if entry.value.get("up") is False:
        source["heard"] = (
            machine.clock.active
        )  # explained: the gateway is down and has its own alert; look again later
        return
    source["lost"] = True
    verdicts.again(machine, machine.index(entry.key[2:]), name)
    silence = f"nothing from {name} for {spell(gateway.patience(source))}"
    because = gateway.because(entry.value, source)
    words = f"We are blind on {entry.key[2:]}: {silence}{because}; its rules hold as unknown"
    say(machine, entry, "telemetry-lost", name, "warning", words, "its source fell silent")


def stop(machine: Detect, entry: Row, name: str) -> None:
    """A source was taken away on purpose: it is no longer waited for."""
    sources = dict(entry.value.get("sources", {}))
    if sources.pop(name, None) is not None:
        entry.value["sources"] = sources
        words = f"{name} of {entry.key[2:]} was stopped on purpose"
        say(machine, entry, "telemetry-lost", name, None, words, "its producer said so")
        frame.abandon(machine, machine.index(entry.key[2:]), name)


def say(
    machine: Detect, entry: Row, rule: str, key: str, severity: Severity | None, words: str, why: str
) -> None:
    """One of Tocsin's own alerts about a gateway; without a severity it is over."""
    said = f"{rule}|{key}"
    if severity is None and said not in entry.value.get("turns", {}):
        return
    turn = gateway.turn(entry.value, key, said, machine.clock.now)
    team, of = gateway.team(entry.value, "", PLATFORM)
    said_now = alarm.Alarm(rule, entry.key[2:], key, words, why, severity)
    one = said_now.verdict(turn, machine.clock.now, {"source": key} if key else {})
    id, at = machine.next_id(entry), machine.clock.now
    machine.emit(INBOX, team, Verdicts(id=id, at=at, team=team, why_team=of, verdicts=[one]))
