"""Where documents are looked up: the machine's own context, or whatever else knows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from streams.canary.names import is_canary, recipient
from streams.documents.document import Owned
from streams.documents.endpoint import Endpoint
from streams.documents.oncall.override import OnCallOverride
from streams.documents.oncall.person import PersonDocument
from streams.documents.oncall.schedule import OnCallSchedule
from streams.documents.oncall.team import TeamDocument
from tables.respond.route.state import LOG, LOG_NAME

D = TypeVar("D", bound=Owned)
TARGETS: dict[str, type[Owned]] = {
    "endpoint": Endpoint, "user": PersonDocument, "team": TeamDocument, "schedule": OnCallSchedule,
}  # fmt: skip


class Directory(Protocol):
    """Knows documents by kind, owner and name."""

    def document(self, kind: type[D], owner: str, name: str) -> D | None:
        """The document of a kind that a team has under a name."""
        ...

    def overrides(self, team: str) -> Iterable[OnCallOverride]:
        """A team's exceptions to its schedules, in the order of their names."""
        ...


def target_key(directory: Directory, teams: Sequence[str], target: str) -> str | None:
    """A target with the first of the teams that has it, `kind/owner/name`; the log and canaries' are always there."""
    kind, _, name = target.partition("/")
    if kind == "endpoint" and is_canary(teams[0]):  # before all documents: a canary wakes nobody
        return recipient(teams[0], name)
    places = (*teams, name) if kind == "team" else teams
    holders = (owner for owner in places if directory.document(TARGETS[kind], owner, name) is not None)
    if (owner := next(holders, None)) is not None:
        return f"{kind}/{owner}/{name}"
    return LOG if (kind, name) == ("endpoint", LOG_NAME) else None
