"""What was sent lately, as far as rules of a team may read it: neither a plan nor coverage tells of anything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.coverage.coverage import MetricCoverage, Origin, Seen, View
from streams.access import reads
from streams.documents.document import PLATFORM
from streams.documents.rule import Rule
from streams.errors import Refused
from streams.telemetry.series import parse
from tables.detect.health import inventory

Owners = Mapping[str, inventory.Inventory]  # by gateway, what its newest inventory says


class Views:
    """What each team's rules see of what was sent lately."""

    def __init__(self, seen: Seen, owners: Owners, everything: bool) -> None:
        """`everything`: whoever asks may know all, so that a gateway of which no owner is known is taken for nobody's.

        To others nothing is told of it, since it may be somebody's: only the newest telemetry is looked at.
        """
        self._seen, self._owners, self._everything = seen, owners, everything
        self._views: dict[str, View] = {}

    def coverage(self, rule: Rule, team: str = "") -> list[MetricCoverage]:
        """Each metric that the rule reads, of what its team may read, or another one that has named the rule."""
        return self._of(team or rule.team).coverage(rule, self._everything)

    def metrics(self, teams: Iterable[str]) -> int:
        """How many metrics rules of these teams may read."""
        return len({name for team in teams for name in self._of(team).names})

    def _of(self, team: str) -> View:
        if team not in self._views:
            where = (
                "seen lately" if team == PLATFORM else f"seen lately among what rules of team {team} may read"
            )
            gateways = {origin.gateway for times in self._seen.values() for origin in times}
            hidden = team != PLATFORM and not self._everything and bool(gateways - self._owners.keys())
            self._views[team] = View(self._readable(team), where, hidden)
        return self._views[team]

    def _readable(self, team: str) -> Seen:
        if team == PLATFORM:
            return self._seen
        seen: Seen = {}
        for text, times in self._seen.items():
            labels = _upstream(text)
            if readable := {origin: at for origin, at in times.items() if self._reads(team, origin, labels)}:
                seen[text] = readable
        return seen

    def _reads(self, team: str, origin: Origin, labels: Mapping[str, str]) -> bool:
        entry = self._owners.get(origin.gateway)
        if entry is None:
            return self._everything
        return reads(team, inventory.owner(entry, labels))


def _upstream(text: str) -> dict[str, str]:
    """The label of a series that says whose it is; none where its text cannot be read, so that it is the gateway's."""
    if "upstream" not in text:
        return {}
    try:
        return {name: value for name, value in parse(text).labels if name == "upstream"}
    except Refused:
        return {}
