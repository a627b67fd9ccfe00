"""What a decision may use: the moment, the documents, the rows of a level, and a way to say something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import ParamSpec, TypeVar, cast

from streams.canary.names import is_canary
from streams.documents.document import Owned
from streams.documents.oncall.override import OnCallOverride
from streams.documents.route import Route
from streams.messages.bulk import Span
from streams.messages.envelope import Message
from streams.topics import CHANGES
from tables.kernel.clock import Moment
from tables.kernel.configuration import Configured
from tables.kernel.level import Level, owner_of
from tables.kernel.row import Row
from tables.respond.route.state import EscalationPlan, Routed
from tables.respond.suppression.suppressors import Suppressors

P = ParamSpec("P")
V = TypeVar("V")
D = TypeVar("D", bound=Owned)


class Context:
    """One partition as the present input finds it. `urgent`: the escalations that are due as soon as it is taken.

    `sources`: the inhibitions whose sources have changed, by the owner of their row; whether one has begun to fire.
    `plans`: those that have been resolved since documents changed last.
    """

    def __init__(self, machine: Configured) -> None:
        """Looks at a machine; one for its whole life."""
        self._machine = machine
        self.urgent: set[str] = set()
        self.sources: dict[str, bool] = {}
        self.suppressors = Suppressors()
        self.plans: dict[Routed, EscalationPlan] = {}
        self._known: Sequence[Owned] = ()
        self._routes: dict[str, list[Route]] = {}  # by team, of those that are known

    @property
    def moment(self) -> Moment:
        """The input's place in the log and on both clocks."""
        return self._machine.moment

    @property
    def replaying(self) -> bool:
        """Whether all that was said of this input has been acknowledged already."""
        return self._machine.replaying

    def document(self, kind: type[D], owner: str, name: str) -> D | None:
        """The document of a kind that a team has under a name."""
        return self._machine.document(kind, owner, name)

    def routes(self, owner: str) -> list[Route]:
        """A team's routes in the order in which they are tried."""
        if self._known is not (known := self._machine.of(Route.type)):
            self._known, self._routes = known, dict[str, list[Route]]()
        if owner not in self._routes:
            routes = (route for route in known if isinstance(route, Route) and route.team == owner)
            self._routes[owner] = sorted(routes, key=lambda route: (route.order, route.name))
        return self._routes[owner]

    def overrides(self, team: str) -> list[OnCallOverride]:
        """A team's exceptions to its schedules, in the order of their names."""
        known = self._machine.of(OnCallOverride.type)
        return [each for each in known if isinstance(each, OnCallOverride) and each.team == team]

    def get(self, level: Level[V], owner: str) -> V | None:
        """What the living row of an owner holds."""
        return self._machine.get(level, owner)

    def open(self, level: Level[V], owner: str) -> Row[V | None] | None:
        """The row, for writing; None where it is newer than the input, which was done then."""
        return self._machine.open(level.key(owner))

    def newer(self, level: Level[V], owner: str) -> bool:
        """Whether a row is newer than the input."""
        return self._machine.newer(level.key(owner))

    def scan(self, level: Level[V], name: str) -> Iterator[V]:
        """What the rows hold that are looked for under a name, in no order."""
        return (cast(V, row.value) for row in self._machine.scan(f"{level.name}/{name}"))

    def owners(self, level: Level[V], name: str, within: Span) -> list[str]:
        """Whose rows are looked for under a name, sorted; `within`: of the owners."""
        span = Span(level.key(within.first), level.key(within.last))
        rows = self._machine.scan_sorted(f"{level.name}/{name}", *span)
        return [owner_of(row.key) for row in rows]

    def first(self, level: Level[V], name: str) -> str | None:
        """Whose row comes first of those that are looked for under a name."""
        key = min((row.key for row in self._machine.scan(f"{level.name}/{name}")), default=None)
        return None if key is None else owner_of(key)

    def count(self, level: Level[V], name: str) -> int:
        """How many rows are looked for under a name."""
        return self._machine.count_rows(f"{level.name}/{name}")

    def all_owners(self, level: Level[V]) -> list[str]:
        """Whose rows a level holds, sorted."""
        return [owner_of(row.key) for row in self._machine.scan_sorted(level.name)]

    def savepoint(self, work: Callable[P, None], *arguments: P.args, **named: P.kwargs) -> Exception | None:
        """Do all of `work` or nothing; what it raised is returned."""
        return self._machine.savepoint(partial(work, *arguments, **named))

    def mark_deleted(self, row: Row[V | None]) -> None:
        """End an open row."""
        self._machine.mark_deleted(row)

    def next_id(self, row: Row[V | None]) -> str:
        """The id of the next message that an open row decides."""
        return self._machine.next_id(row)

    def emit(self, topic: str, key: str, message: Message) -> None:
        """Send one message; of a canary the product's memory keeps nothing."""
        if topic == CHANGES and is_canary(key):
            return
        self._machine.emit(topic, key, message)
