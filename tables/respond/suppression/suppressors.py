"""The documents that suppress, as one partition knows them, and what they say of an alert at an instant.

Derived from the copies of documents and never stored. What is enforced and what a preview shows is the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from streams.codes import SuppressionReason
from streams.documents.document import Owned
from streams.documents.suppression import maintenance, silence
from streams.documents.suppression.inhibition import Inhibition, without_loops
from streams.documents.suppression.maintenance import FAR, Maintenance, MaintenanceWindow
from streams.documents.suppression.silence import Silence
from streams.messages.alert import Suppression
from tables.respond.alert.state import Alert, matchable
from tables.respond.route.state import owners
from tables.respond.suppression.state import Found

KINDS = (Silence.type, Maintenance.type, Inhibition.type)
D = TypeVar("D", bound=Owned)


def key(document: Owned) -> str:
    """What names a document among all: kind, owner and name."""
    return f"{document.type}/{document.team}/{document.name}"


class Suppressors:
    """Silences, windows and inhibitions by their owners."""

    def __init__(self, documents: Iterable[Owned] = ()) -> None:
        """All that are known now."""
        self._documents: dict[str, dict[str, dict[str, Owned]]] = {}  # by owner, kind and name
        # the open occurrence of a window, and from when until when that is known to be so
        self._open: dict[str, tuple[MaintenanceWindow | None, int, int]] = {}
        self._holding: dict[tuple[str, ...], list[Inhibition]] = {}
        for document in documents:
            self.put(document, None)

    def put(self, document: Owned | None, before: Owned | None) -> None:
        """One document has come, changed or gone."""
        known = document or before
        if known is None or known.type not in KINDS:
            return
        self._holding.clear()
        self._open.pop(key(known), None)
        named = self._documents.setdefault(known.team, {}).setdefault(known.type, {})
        named.pop(known.name, None)
        if document is not None:
            named[document.name] = document

    def get(self, key: str) -> Owned | None:
        """The document of a key."""
        kind, owner, name = key.split("/")
        return self._documents.get(owner, {}).get(kind, {}).get(name)

    def covering(self, owners: tuple[str, ...], labels: Mapping[str, str], now: int) -> Found | None:
        """The silence, else the window, that suppresses an alert; of several the one that lasts longest.

        `owners`: the teams whose documents count for the alert.
        """
        if not any(owner in self._documents for owner in owners):
            return None
        return self.silencing(owners, labels, now) or self.maintaining(owners, labels, now)

    def silencing(self, owners: tuple[str, ...], labels: Mapping[str, str], now: int) -> Found | None:
        """The silence that suppresses an alert, if one does."""
        active = (each for each in self._of(Silence, owners) if each.is_active(now) and each.matches(labels))
        chosen = max(active, key=lambda each: (each.ends_at, key(each)), default=None)
        if chosen is None:
            return None
        kind, by = SuppressionReason.SILENCE, key(chosen)
        return Found(Suppression(kind=kind, by=by, until=chosen.ends_at, reason=silence.words(chosen)), by)

    def maintaining(self, owners: tuple[str, ...], labels: Mapping[str, str], now: int) -> Found | None:
        """The maintenance window that suppresses an alert, if one does."""
        chosen: tuple[int, str, Maintenance, MaintenanceWindow] | None = None
        for window in self._of(Maintenance, owners):
            occurrence = self._occurrence(window, now)
            if occurrence is None or not window.matches(labels):
                continue
            candidate = (occurrence.ends, key(window), window, occurrence)
            chosen = candidate if chosen is None or candidate[:2] > chosen[:2] else chosen
        if chosen is None:
            return None
        until, by, window, occurrence = chosen
        kind, reason = SuppressionReason.MAINTENANCE, maintenance.words(window, occurrence)
        return Found(Suppression(kind=kind, by=by, until=until, reason=reason), by)

    def inhibitions(self, owners: tuple[str, ...]) -> list[Inhibition]:
        """The inhibitions that hold for alerts of a team: none that would close a circle."""
        if owners not in self._holding:
            ordered = [each for owner in reversed(owners) for each in self._of(Inhibition, (owner,))]
            self._holding[owners] = without_loops(ordered)
        return self._holding[owners]

    def sources(self, owners: tuple[str, ...], labels: Mapping[str, str]) -> dict[str, Inhibition]:
        """The inhibitions of which an alert with these labels is a source, by the name under which it is looked for."""
        holding = self.inhibitions(owners)
        return {source_name(each, labels): each for each in holding if each.is_source(labels)}

    def concerns(self, document: Owned | None, labels: Mapping[str, str]) -> bool:
        """Whether a document may suppress an alert with these labels, whenever it holds."""
        if isinstance(document, Silence | Maintenance):
            return document.matches(labels)
        return isinstance(document, Inhibition) and document.is_target(labels)

    def next_change(self, document: Owned | None, now: int) -> int | None:
        """When a document begins or ends next, ms UTC."""
        return document.next_change(now) if isinstance(document, Silence | Maintenance) else None

    def holds(self, document: Owned | None, now: int) -> bool:
        """Whether a document suppresses anything at an instant."""
        if isinstance(document, Silence):
            return document.is_active(now)
        if isinstance(document, Maintenance):
            return self._occurrence(document, now) is not None
        return isinstance(document, Inhibition)

    def _occurrence(self, window: Maintenance, now: int) -> MaintenanceWindow | None:
        """The occurrence that is open now; kept until one begins or ends, since a rule takes its time."""
        name = key(window)
        known = self._open.get(name)
        if known is None or not known[1] <= now < known[2]:
            change = window.next_change(now)
            known = self._open[name] = window.active_at(now), now, FAR if change is None else change
        return known[0]

    def _of(self, kind: type[D], owners: tuple[str, ...]) -> Iterator[D]:
        for owner in owners:
            for _, document in sorted(self._documents.get(owner, {}).get(kind.type, {}).items()):
                if isinstance(document, kind):
                    yield document


def source_name(inhibition: Inhibition, labels: Mapping[str, str]) -> str:
    """The name under which sources are looked for that suppress alerts with these labels."""
    return f"{key(inhibition)}\x1f{inhibition.shared(labels)}"


def targeting(inhibitions: Iterable[Inhibition], labels: Mapping[str, str]) -> Iterator[Inhibition]:
    """The inhibitions that may suppress an alert with these labels."""
    return (inhibition for inhibition in inhibitions if inhibition.is_target(labels))


def sources(suppressors: Suppressors, alert: Alert | None) -> dict[str, str]:
    """The inhibitions of which an alert is a source while it is open: the name of its place, and the document's key."""
    if alert is None or not alert.open or not suppressors.inhibitions(owners(alert.facts.team)):
        return {}
    team = alert.facts.team
    suppressing = suppressors.sources(owners(team), matchable(alert.facts, alert.severity))
    return {indexed(team, name): key(inhibition) for name, inhibition in suppressing.items()}


def indexed(team: str, source: str) -> str:
    """The name under which the sources of a team's alerts are looked for."""
    return f"{team}\x1f{source}"
