"""All documents that a person may see, typed, by kind; whom they reach now. A page looks them up here."""

from __future__ import annotations

from typing import TypeVar

from api.dependencies import Dependencies
from api.documents.forecast import Documents
from api.queries import documents as reading
from api.trials.oncall_trial import NamedSchedule
from streams.access import readable_teams
from streams.documents.document import Owned
from streams.documents.oncall.schedule import OnCallSchedule
from streams.messages.command import Principal
from streams.messages.envelope import Severity
from tables.respond.oncall.audience import Audience, audience
from tables.respond.oncall.directory import target_key
from tables.respond.route.state import owners

D = TypeVar("D", bound=Owned)


class DocumentDirectory:
    """The documents of some teams, with their revisions."""

    def __init__(self, rows: list[reading.DocumentRow]) -> None:
        """`rows`: as they are stored; what cannot be read is left out."""
        self._documents = reading.readable(rows)
        self._revisions = {row.id: row.revision for row in rows}
        self.known = Documents(self._documents)

    def all(self, kind: type[D]) -> list[D]:
        """Those of a kind, by team and name."""
        return [document for document in self._documents if isinstance(document, kind)]

    def schedules(self) -> list[NamedSchedule]:
        """Every schedule with the exceptions that stand beside those of its team."""
        return [
            NamedSchedule(schedule, tuple(self.known.overrides(schedule.team)))
            for schedule in self.all(OnCallSchedule)
        ]

    def revision(self, document: Owned) -> int:
        """Which revision of a document this is."""
        return self._revisions[document.id]

    def reaches(self, team: str, targets: list[str], severity: Severity, now: int) -> Audience:
        """Whom targets of a team's document reach at an instant, ms UTC, by what can be seen here."""
        keys = [target_key(self.known, owners(team), target) for target in targets]
        return audience(self.known, [key for key in keys if key is not None], severity, now)


async def directory(deps: Dependencies, who: Principal) -> DocumentDirectory:
    """All documents of the teams that somebody may read."""
    teams = readable_teams(who)
    return await deps.database.read(lambda c: DocumentDirectory(reading.all_of(c, "", teams)))
