"""Every critical path is walked for 14 days: where an instant ends without anybody it is said, to the minute."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.documents.forecast import Documents
from streams.calendar.hours import read_zoned_hours
from streams.documents import registry
from streams.documents.document import Owned
from streams.documents.policy import Policy
from streams.messages.command import Action, Command, DeleteDocument, Principal, PutDocument
from streams.topics import INBOX
from tables.respond.oncall.audience import audience
from tables.respond.oncall.critical_path import DeadEnd, PathStep, dead_ends, path_of
from tables.respond.oncall.path_watch import next_night
from tables.world import World

START, HOUR, DAY = 1_764_547_200_000, 3_600_000, 86_400_000  # Monday 2025-12-01 00:00 UTC
PHONE = {"name": "phone", "channel": "ntfy", "topic": "x"}
ANNA = {"name": "anna", "contact": [{"endpoint": "phone"}]}
EVE = {"name": "eve", "contact": [{"endpoint": "phone", "confirmed": "no"}]}
DUTY: dict[str, Any] = {
    "name": "duty", "time_zone": "UTC", "starts": "2025-11-03", "people": ["anna"], "only": "mon-fri 08:00-18:00",
}  # fmt: skip
BASIC: list[tuple[str, dict[str, Any]]] = [
    ("endpoint", PHONE), ("endpoint", {"name": "file", "channel": "log"}), ("person", ANNA), ("person", EVE),
    ("schedule", DUTY),
]  # fmt: skip


def read(*documents: tuple[str, dict[str, Any]]) -> list[Owned]:
    """Documents of the platform."""
    return [registry.read(kind, body) for kind, body in documents]


def ends(steps: list[dict[str, Any]], days: int = 7, **fields: Any) -> list[DeadEnd]:
    """Where a policy of these steps ends without anybody, from Monday midnight on."""
    policy = registry.read("policy", {"name": "p", "steps": steps, **fields})
    assert isinstance(policy, Policy)
    documents = Documents(read(*BASIC))
    return dead_ends(documents, "platform", path_of(policy), START, START + days * DAY)


def hours(found: list[DeadEnd]) -> list[tuple[float, float]]:
    """From and to, in hours of the week."""
    return [((end.begins - START) / HOUR, (end.ends - START) / HOUR) for end in found]


def test_each_gap_to_the_minute() -> None:
    """Nights and the weekend of a schedule that has somebody in the day."""
    found = ends([{"notify": "schedule/duty"}])
    assert hours(found) == [(0, 8), *((18 + 24 * n, 32 + 24 * n) for n in range(4)), (114, 168)]
    assert found[0].why == "nobody is on call in schedule duty"


def test_another_step_or_the_last_resort_fills_it() -> None:
    """Unless it counts for other severities, or other hours."""
    duty = {"notify": "schedule/duty"}
    assert ends([duty], last_resort="user/anna") == []
    assert ends([duty, {"after": "1m", "notify": "user/anna"}]) == []
    assert len(ends([duty, {"after": "1m", "notify": "user/anna", "severity": "warning"}])) == 6
    nights = {"after": "1m", "notify": "user/anna", "at": "18:00-08:00 UTC"}
    assert hours(ends([duty, nights])) == [(128, 138), (152, 162)]
    assert ends([duty, nights], override_critical=True) == []


def test_what_reaches_nobody_fills_nothing() -> None:
    """Somebody whose way nobody has confirmed, and what is only written to a log."""
    assert hours(ends([{"notify": "user/eve"}], last_resort="endpoint/file")) == [(0, 168)]
    assert ends([{"notify": "endpoint/file"}])[0].why == "endpoint file only writes to a log"
    assert ends([{"notify": "endpoint/phone"}]) == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["schedule/duty", "user/eve", "user/anna", "endpoint/file"]),
        st.sampled_from([(), ("sat,sun Europe/Berlin",), ("22:00-03:00 UTC",), ("mon 07:00-09:30 UTC",)]),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=30, deadline=None)
@given(STEPS, st.lists(st.integers(0, 7 * 24 * 12 - 1), max_size=40))
def test_what_is_found_is_what_each_instant_says(
    steps: list[tuple[str, tuple[str, ...]]], at: list[int]
) -> None:
    """Whatever instant is asked: somebody is reached there, or it lies in one of the spans."""
    documents = Documents(read(*BASIC))
    path = [PathStep((to,), hours) for to, hours in steps]
    found = dead_ends(documents, "platform", path, START, START + 7 * DAY)
    for instant in (START + 300_000 * n for n in at):
        reached = [
            one.to
            for step in path
            if not step.at or any(read_zoned_hours(text).includes(instant) for text in step.at)
            for one in audience(documents, [_key(step.to[0])], "critical", instant).reached
        ]
        within = any(end.begins <= instant < end.ends for end in found)
        assert within == (not [to for to in reached if to != "endpoint/platform/file"])


def _key(target: str) -> str:
    kind, _, name = target.partition("/")
    return f"{kind}/platform/{name}"


def test_every_night_its_team_hears_of_it_once() -> None:
    """An alert while there is a dead end; it ends by itself once the next walk finds none, or the policy goes."""
    world, count = World(read(*BASIC), START, tick=20_000), 0

    def ask(action: Action) -> None:
        nonlocal count
        count += 1
        by = Principal(name="ada", admin=True)
        command = Command(id=f"c{count}", at=world.now, by=by, team="platform", action=action)  # type: ignore[arg-type]
        world.tell(world.now, INBOX, "platform", command)
        world.advance(world.now + 1_000)

    def alerts() -> list[str]:
        mine = [entry for entry in world.timeline if entry.get("rule") == "tocsin-dead-end"]
        return [entry["what"] for entry in mine if entry["subject"] == "alert"]

    world.advance(START + 20_000)
    body: dict[str, Any] = {"name": "p", "steps": [{"notify": "schedule/duty"}]}
    ask(PutDocument(type="policy", name="p", body=body))
    first = next_night("platform/p", START)
    world.advance(first - 30_000)
    assert alerts() == []
    world.advance(first + 60_000)
    assert alerts() == ["fired"]
    (alert,) = [entry for entry in world.timeline if entry.get("rule") == "tocsin-dead-end"]
    assert "nobody would be told from Mon 2025-12-01" in alert["message"]
    world.advance(first + DAY + 60_000)
    assert alerts() == ["fired"]
    ask(PutDocument(type="policy", name="p", body=body | {"last_resort": "user/anna"}, revision=1))
    world.advance(first + 2 * DAY + 60_000)
    assert alerts() == ["fired", "resolved"]
    ask(DeleteDocument(type="policy", name="p", revision=2))
    assert [
        key for key, row in world.machines["respond"].rows.items() if key.startswith("path/") and not row.dead
    ] == []
