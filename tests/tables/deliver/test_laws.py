"""What holds of everything that people are told, politeness included: from a verdict to the call, in every life."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.codes import HoldReason, NotifyReason
from streams.documents import registry
from streams.messages.attempt import Attempt
from streams.messages.command import Acknowledge, AlertAction, Command, Principal, Snooze, Unsnooze
from streams.messages.verdict import Verdict, Verdicts
from streams.topics import INBOX
from tables.respond.alert.lifecycle import Status
from tables.respond.machine import Respond
from tables.world import Answer, World

START, SECOND, ALERTS = 1_764_547_200_000, 1_000, 4
DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("endpoint", {"name": "phone", "channel": "ntfy", "topic": "x", "pages": 1, "pages_within": "2m"}),
    ("endpoint", {"name": "desk", "channel": "ntfy", "topic": "y"}),
    ("endpoint", {"name": "hook", "channel": "webhook", "url": "sealed:x"}),
    ("person", {"name": "ben", "quiet_hours": ["00:02-00:05", "00:08-00:10"], "contact": [
        {"endpoint": "phone"}, {"endpoint": "desk", "delay": "40s"}]}),
    ("policy", {"name": "p", "repeat": 1, "steps": [
        {"notify": "user/ben"}, {"after": "90s", "notify": ["endpoint/hook", "user/ben"]}]}),
    ("route", {"name": "all", "to": "policy/p", "group_by": ["n"], "group_wait": "5s"}),
]  # fmt: skip
LATER = 2 * SECOND  # within which what is held of a group is put right
CALLING = {"firing", "escalated", "reminder"}


class Told(NamedTuple):
    """One alert in one call. `over`: that it is over."""

    at: int
    to: str
    alert: str
    over: bool


class Life:
    """Four alerts that have a group each, or one together, and what people are told of them. Nothing is lost."""

    def __init__(self, together: bool = False) -> None:
        """Nothing has happened yet."""
        self.together = together
        self.told: list[Told] = []
        self.attempts: list[Attempt] = []
        self.wrong: list[str] = []
        grouped = {"group_by": ["rule"]} if together else {}
        documents = [
            registry.read(kind, body | (grouped if kind == "route" else {})) for kind, body in DOCUMENTS
        ]
        self.world = World(documents, START, self._receive)
        self.sequences = [0] * ALERTS
        self.count = 0
        self.world.advance(START + 2 * SECOND)

    def _receive(self, attempt: Attempt) -> Answer:
        self.attempts.append(attempt)
        told = attempt.notification
        for excerpt in told.alerts:
            over = excerpt.status == "resolved"
            self.told.append(Told(self.world.now, told.to, excerpt.alert_id, over))
            if not over and told.what in (*CALLING, "bundle"):
                self._judge(excerpt.alert_id, told.what)
        return Answer()

    def _judge(self, id: str, what: str) -> None:
        """Remember what is told though nobody should be."""
        machine = self.world.machines["respond"]
        assert isinstance(machine, Respond)
        for row in machine.scan("alert"):
            if row.value.occurrence.id == id:
                beside = machine.rows.get(row.key.replace("alert/", "suppression/", 1))
                value = beside.value if beside is not None else None
                settled = not self.together or (
                    value is not None and (value.since or 0) < self.world.now - LATER
                )
                if value is not None and value.suppression is not None and settled:
                    self.wrong.append(f"{what} of a suppressed alert")
                if row.value.status is Status.ACKNOWLEDGED and not self.together:
                    self.wrong.append(f"{what} of an acknowledged alert")

    def move(self, what: str, n: int, how: Any) -> None:
        """Let one thing happen, and a moment pass."""
        if what == "wait":
            self.world.advance(self.world.now + how * SECOND)
            return
        if what in ("fires", "ends"):
            self._verdict(n, "firing" if what == "fires" else "ok", how)
        else:
            self._command(n, what)
        self.world.advance(self.world.now + 100)

    def _verdict(self, n: int, state: Any, severity: Any) -> None:
        self.sequences[n] += 1
        now = self.world.now
        verdict = Verdict(
            fingerprint=f"gw|high|{n}", sequence=self.sequences[n], state=state, severity=severity, rule_id="high",
            rule="high", gateway="gw", labels={"gateway": "gw", "n": str(n)}, at=now, since=now, value=9.0,
            message=f"cpu {n}", reason="so",
        )  # fmt: skip
        self.count += 1
        message = Verdicts(id=f"v{self.count}", at=now, verdicts=[verdict], team="platform", why_team="so")
        self.world.tell(now, INBOX, "platform", message)

    def _command(self, n: int, what: str) -> None:
        now, of = self.world.now, {"alert": f"gw|high|{n}"}
        snooze = Snooze(until=now + 45 * SECOND, **of)
        actions: dict[str, AlertAction] = {
            "acknowledge": Acknowledge(**of), "snooze": snooze, "unsnooze": Unsnooze(**of),
        }  # fmt: skip
        self.count += 1
        by: Any = Principal(name="anna", admin=True)
        command = Command(id=f"c{self.count}", at=now, by=by, team="platform", action=actions[what])  # type: ignore[arg-type]
        self.world.tell(now, INBOX, "platform", command)

    def end(self) -> None:
        """All is over, and whatever was held has gone."""
        for n in range(ALERTS):
            self.move("ends", n, "warning")
        self.world.advance(self.world.now + 900 * SECOND)


numbers = st.integers(0, ALERTS - 1)
moves = st.lists(
    st.one_of(
        st.tuples(st.just("fires"), numbers, st.sampled_from(["critical", "warning"])),
        st.tuples(st.just("ends"), numbers, st.just("warning")),
        st.tuples(st.sampled_from(["acknowledge", "snooze", "unsnooze"]), numbers, st.none()),
        st.tuples(st.just("wait"), st.just(0), st.sampled_from([1, 10, 30, 100])),
    ),
    max_size=18,
)
lives = settings(max_examples=20, deadline=None)


def lived(happens: list[tuple[str, int, Any]], together: bool = False) -> Life:
    """A life with all of this in it, to its end."""
    life = Life(together)
    for move in happens:
        life.move(*move)
    life.end()
    return life


@lives
@given(moves)
def test_nobody_is_told_of_what_is_suppressed_or_acknowledged(happens: list[tuple[str, int, Any]]) -> None:
    """By no call, whatever politeness held meanwhile."""
    assert lived(happens).wrong == []


@lives
@given(moves)
def test_nobody_is_told_of_what_is_suppressed_among_others(happens: list[tuple[str, int, Any]]) -> None:
    """Of alerts that share a group either, though their message was held before one of them was put off."""
    assert lived(happens, together=True).wrong == []


@lives
@given(moves)
def test_each_announcement_has_one_close_for_the_same_people(happens: list[tuple[str, int, Any]]) -> None:
    """Whoever was told that an alert fires, by itself or with others, is told once that it is over; nobody else is."""
    announced: dict[tuple[str, str], int] = defaultdict(int)
    closed: dict[tuple[str, str], list[int]] = defaultdict(list)
    for told in lived(happens).told:
        if told.over:
            closed[told.to, told.alert].append(told.at)
        else:
            announced.setdefault((told.to, told.alert), told.at)
    assert closed.keys() == announced.keys()
    for who, times in closed.items():
        assert len(times) == 1
        assert times[0] >= announced[who]


@lives
@given(moves)
def test_nothing_is_told_or_held_without_a_code(happens: list[tuple[str, int, Any]]) -> None:
    """Each call and each hold names one of the list, with words."""
    life = lived(happens)
    assert all(attempt.notification.reason_code in set(NotifyReason) for attempt in life.attempts)
    assert all(attempt.notification.reason for attempt in life.attempts)
    held = [entry for entry in life.world.timeline if entry["what"] == "held"]
    assert all(entry["reason_code"] in set(HoldReason) and entry["reason"] for entry in held)


@lives
@given(moves)
def test_a_recipient_is_called_no_more_often_than_their_endpoint_says(
    happens: list[tuple[str, int, Any]],
) -> None:
    """By themselves: one critical message and one other within two minutes; and never two bundles within a minute."""
    calls: dict[str, list[int]] = {"critical": [], "other": [], "bundle": []}
    for attempt in lived(happens).attempts:
        told = attempt.notification
        if told.to == "endpoint/platform/phone":
            alone = not told.id.startswith("bundle/")
            urgent = told.severity == "critical" and told.what in CALLING
            calls[("critical" if urgent else "other") if alone else "bundle"].append(attempt.at)
    for kind, span in (("critical", 120), ("other", 120)):
        times = calls[kind]
        assert all(then - first >= span * SECOND for first, then in pairwise(times))
