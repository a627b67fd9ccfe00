"""What holds whatever a policy asks for: several people, or somebody where no step reaches anybody."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.messages.command import Acknowledge, Principal
from tables.kernel.output import Output
from tables.respond.alert.lifecycle import RANK, Status
from tests.tables.respond.harness import notifications
from tests.tables.respond.life import DOCUMENTS, STEPS, Life, Move, happens, results

NOBODY = {"name": "nobody", "time_zone": "UTC", "starts": "2199-01-01", "people": ["anna"]}
PEOPLE = ("anna", "ben", "chidi")
TWO = st.integers(0, 1)  # alerts of one group: what happens to one of them is news of the other's
FIRES = happens("fires", TWO, st.sampled_from(["warning", "critical"]))
news = st.lists(
    st.one_of(
        FIRES,
        FIRES,
        happens("ends", TWO),
        happens("acknowledge", TWO, st.sampled_from(["anna", "ben"])),
        happens("wait", how=st.sampled_from([1, 120])),
        happens("wait", how=st.just(120)),
    ),
    min_size=8,
    max_size=24,
)
lives = settings(max_examples=60, deadline=None)


def with_policy(*more: tuple[str, dict[str, Any]], **fields: Any) -> list[tuple[str, dict[str, Any]]]:
    """The documents of a life with another policy."""
    known = [(kind, body) for kind, body in DOCUMENTS if kind != "policy"]
    return [*known, *more, ("policy", {"name": "p", "repeat": 2, "steps": STEPS, **fields})]


class Deserted(Life):
    """Nobody is ever on call: the last resort alone hears."""

    documents = with_policy(
        ("schedule", NOBODY), steps=[{"notify": "schedule/nobody"}], last_resort="endpoint/last"
    )


class Careful(Life):
    """Two people have to acknowledge."""

    documents = with_policy(acknowledgements=2)


def told(out: list[Output], group: str) -> bool:
    """Whether somebody was told that something of a group fires."""
    return any(body["group"] == group and body["what"] == "firing" for body in notifications(out))


@lives
@given(news, results)
def test_what_becomes_critical_is_told_at_once_though_nobody_is_on_call(
    script: list[Move], outcomes: list[str]
) -> None:
    """By each route of the alert, however the group stood, and whoever had what was milder."""
    life = Deserted(outcomes)
    for move in script:
        before = {alert.occurrence.id: alert for alert in life.alerts() if alert.open}
        out = life.move(move)
        worse = [
            alert
            for alert in life.alerts()
            if alert.open and (known := before.get(alert.occurrence.id)) is not None
            if RANK[alert.severity] > RANK[known.severity] and alert.severity == "critical"
        ]
        if worse:
            out = [*out, *life.tick(life.now + 1_000), *life.tick(life.now + 1_000)]
        for alert in worse:
            assert all(told(out, group) for group in alert.groups)
        life.settle()


@lives
@given(news, results)
def test_enough_people_can_end_every_escalation(script: list[Move], outcomes: list[str]) -> None:
    """Once all of them have acknowledged every alert nothing more is told of any, though one joined and is over."""
    life = Careful(outcomes)
    for move in [*script, Move("ends", 1)]:
        life.move(move)
    for by in PEOPLE:
        for alert in life.alerts():
            if alert.open:
                action = Acknowledge(alert=alert.facts.fingerprint)
                life.command(action, Principal(name=by, admin=True))
        while life.own:
            life.move(Move("chunk"))
    assert all(alert.status is not Status.FIRING for alert in life.alerts())
    first = len(life.out)
    life.move(Move("wait", how=1_500))
    late = notifications(life.out[first:])
    assert [body for body in late if body["what"] in ("firing", "escalated")] == []
