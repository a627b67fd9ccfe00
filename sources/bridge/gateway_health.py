"""How a gateway stands with us: what cannot be had of it, since when, why, and what would change that.

The bridge says so with every poll, as series of bridge/health; so whoever reads the newest of `telemetry` knows, and
a rule may ask. The command line, the log and the alert that we are blind use the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from sources.bridge import remedy
from sources.contextforge.answer import Limited, Partial, Trouble
from streams.errors import Refused
from streams.telemetry.series import parse, spell

SERIES = "gateway_trouble"


class GatewayTrouble(NamedTuple):
    """What is wrong with one or several paths of a gateway. `since`: when the first of them went, RFC 3339 in UTC."""

    since: str
    paths: tuple[str, ...]
    status: str
    fix: str

    def __str__(self) -> str:
        """The one sentence that is used everywhere."""
        return f"since {self.since}: {', '.join(self.paths)}: {self.status}: {self.fix}"

    def series(self) -> list[str]:
        """The texts of the series that say it, one a path; each has the value 1."""
        labels = {"since": self.since, "status": self.status, "fix": self.fix}
        return [spell(SERIES, {"path": path, **labels}) for path in self.paths]


class TroubleMemory:
    """Since when each path of one gateway has been in trouble, and in which words that was said.

    The first status stays as long as the fix is the same: a gateway may write something new into each of its
    answers, such as the id of a request, and every poll would be another series.
    """

    def __init__(self) -> None:
        """All is well."""
        self._since: dict[str, int] = {}
        self._words: dict[str, tuple[str, str]] = {}  # status and fix, by path

    def now(self, at: int, troubles: Mapping[str, Trouble]) -> list[GatewayTrouble]:
        """What is wrong now, at `at` (ms); what one change would mend stands together."""
        self._since = {path: self._since.get(path, at) for path in troubles}
        self._words = {path: self._spelled(path, trouble) for path, trouble in troubles.items()}
        troubled: dict[tuple[str, str], list[str]] = {}
        for path, words in sorted(self._words.items()):
            troubled.setdefault(words, []).append(path)
        return [
            GatewayTrouble(_rfc3339(min(self._since[path] for path in paths)), tuple(paths), *words)
            for words, paths in troubled.items()
        ]

    def words(self, path: str) -> dict[str, str]:
        """Status and fix of a path that was in trouble at the last poll."""
        status, fix = self._words[path]
        return {"status": status, "fix": fix}

    def _spelled(self, path: str, trouble: Trouble) -> tuple[str, str]:
        now = status_and_fix(trouble, path)
        before = self._words.get(path, now)
        return before if before[1] == now[1] and not isinstance(trouble, Partial) else now


def status_and_fix(trouble: Trouble, path: str) -> tuple[str, str]:
    """Status and fix, without the seconds that are left, which would make every poll something new."""
    status = "429, limited" if isinstance(trouble, Limited) else remedy.status(trouble)
    return " ".join(status.split())[:200], remedy.fix(trouble, path)


def read(series: Iterable[str]) -> list[GatewayTrouble]:
    """What series of a gateway say of it, other series being passed over."""
    troubled: dict[tuple[str, str, str], list[str]] = {}
    for text in series:
        try:
            name, labels = parse(text)
        except Refused:  # whoever sends it hears of it from detect
            continue
        if name == SERIES:
            labels_by_name = dict(labels)
            words = (
                labels_by_name.get("since", ""),
                labels_by_name.get("status", ""),
                labels_by_name.get("fix", ""),
            )
            troubled.setdefault(words, []).append(labels_by_name.get("path", ""))
    return [
        GatewayTrouble(since, tuple(sorted(paths)), *words)
        for (since, *words), paths in sorted(troubled.items())
    ]


def _rfc3339(at: int) -> str:
    """An instant, ms, to the second: it stands in the text of a series, and people read it."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
