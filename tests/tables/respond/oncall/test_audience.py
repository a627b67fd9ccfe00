"""Whom a target reaches: each way with its hops, and who hears where there is none."""

from __future__ import annotations

from typing import Any

from streams.codes import SilentReason
from streams.documents import registry
from streams.documents.document import Owned
from streams.messages.envelope import Severity
from tables.respond.oncall.audience import MOST, Audience, audience, audiences
from tables.respond.route.state import LOG, EscalationPlan, PlanStep
from tests.tables.respond.harness import START, plan
from tests.tables.respond.route.harness import context, endpoint

MAIL = {"channel": "email", "to": "x@example.com", "sender": "t@example.com", "server": "smtp.example.com"}


def person(name: str, *contact: dict[str, Any], team: str = "t", **more: Any) -> Owned:
    """Somebody with these ways; with an endpoint of the same name where none is said."""
    ways = list(contact) or [{"endpoint": name}]
    return registry.read("person", {"name": name, "team": team, "contact": ways, **more})


def team(name: str, *members: str, leads: tuple[str, ...] = (), owner: str = "t") -> Owned:
    """A team with its members."""
    return registry.read(
        "team", {"name": name, "team": owner, "members": list(members), "leads": list(leads)}
    )


def schedule(*people: str, **more: Any) -> Owned:
    """A rotation that began long ago."""
    body = {"name": "s", "team": "t", "time_zone": "UTC", "starts": "2025-01-06", "people": list(people)}
    return registry.read("schedule", body | more)


def reached(known: list[Owned], *targets: str, severity: Severity = "critical") -> Audience:
    """Whom targets of team t reach."""
    return audience(
        context(*known),
        [f"{kind}/t/{name}" for kind, _, name in (t.partition("/") for t in targets)],
        severity,
        START,
    )


def test_each_hop_stands_in_the_reason() -> None:
    """From the schedule over the shift and the person to the endpoint; a target that is one has none."""
    known = [endpoint("anna"), person("anna", full_name="Anna"), schedule("anna"), team("x", "anna")]
    assert [one.hops for one in reached(known, "schedule/s").reached] == ["schedule s → Anna → endpoint anna"]
    assert [one.hops for one in reached(known, "team/x").reached] == ["team x → Anna → endpoint anna"]
    assert [one.hops for one in reached(known, "user/anna").reached] == ["Anna → endpoint anna"]
    assert [one.hops for one in reached(known, "endpoint/anna").reached] == [""]


def test_somebody_who_is_meant_twice_is_told_once() -> None:
    """By whichever target comes first."""
    known = [endpoint("anna"), person("anna"), schedule("anna"), team("x", "anna")]
    assert [one.to for one in reached(known, "schedule/s", "team/x", "user/anna").reached] == [
        "endpoint/t/anna"
    ]


def test_ways_count_by_severity_and_once_they_are_confirmed() -> None:
    """An address is told by an endpoint of its channel; one of another channel, or that does not exist, is no way."""
    mail = registry.read("endpoint", {"name": "email", "team": "platform", **MAIL})
    ways: list[dict[str, Any]] = [
        {"endpoint": "a", "when": "critical"}, {"endpoint": "b", "when": ["info"]},
        {"channel": "email", "confirmed": True}, {"channel": "sms", "through": "email", "confirmed": True},
        {"channel": "email", "through": "a"}, {"endpoint": "gone"},
    ]  # fmt: skip
    anna = person("anna", *ways, email="anna@example.com", phone="+4930123456")
    known = [endpoint("a"), endpoint("b"), mail, anna]
    assert [one.to for one in reached(known, "user/anna").reached] == ["endpoint/t/a", "person/t/anna/email"]
    info = reached(known, "user/anna", severity="info").reached
    assert [one.to for one in info] == ["endpoint/t/b", "person/t/anna/email"]


def test_where_nobody_is_on_call_the_owner_hears() -> None:
    """Whom the schedule names, else the leads of its team, else a default endpoint, else the log."""
    off = {"only": "01:00-01:01"}
    lena, default = [endpoint("lena"), person("lena")], endpoint("default", "platform")
    known = [*lena, person("anna"), team("t", "anna", leads=("lena",)), default]
    for schedules, documents, expected in (
        (schedule("anna", owner="user/lena", **off), [*lena, person("anna")], "endpoint/t/lena"),
        (schedule("anna", **off), known, "endpoint/t/lena"),
        (schedule("anna", **off), [default], "endpoint/platform/default"),
        (schedule("anna", **off), [], LOG),
    ):
        (unreached,) = reached([schedules, *documents], "schedule/s").unreached
        assert unreached.code is SilentReason.NOBODY_ON_CALL
        assert [one.to for one in unreached.responsible] == [expected]


def test_what_is_gone_or_cannot_be_reached_says_so() -> None:
    """With a code each; a team of which somebody can be reached is no such case."""
    people = [endpoint("ben"), person("ben"), person("anna", {"endpoint": "gone"})]
    known = [*people, schedule("anna"), team("x", "anna", "ben"), team("y", "anna")]
    targets = ("user/dora", "schedule/z", "team/z", "schedule/s", "user/anna", "team/y", "team/x")
    codes = {target: [one.code for one in reached(known, target).unreached] for target in targets}
    gone, no_contact = [SilentReason.TARGET_GONE], [SilentReason.NO_CONTACT]
    assert codes == {
        "user/dora": gone, "schedule/z": gone, "team/z": gone, "schedule/s": no_contact, "user/anna": no_contact,
        "team/y": no_contact, "team/x": [],
    }  # fmt: skip


def test_a_step_tells_so_many_and_no_more() -> None:
    """However many a team has; that others are not told is said."""
    names = [f"p{n}" for n in range(MOST)]
    known = [
        team("x", *names),
        *(person(name, {"endpoint": name}, {"endpoint": f"{name}-b"}) for name in names),
    ]
    known += [endpoint(f"{name}{more}") for name in names for more in ("", "-b")]
    told = reached(known, "team/x")
    assert (len(told.reached), [each.code for each in told.unreached]) == (MOST, [SilentReason.NO_ROOM])


def test_a_step_counts_in_its_hours_and_severities() -> None:
    """START is a Monday at midnight UTC; the override of what is critical asks for no hours, but for severities."""
    steps = (
        PlanStep(0, ("endpoint/t/a",), ("critical",), ()),
        PlanStep(0, ("endpoint/t/b",), (), ("mon 00:00-01:00 UTC",)),
        PlanStep(0, ("endpoint/t/c",), (), ("tue 00:00-24:00 UTC",)),
    )

    def told(severity: Severity, of: EscalationPlan) -> list[bool]:
        return [bool(one.reached) for one in audiences(context(), of, severity, START).steps]

    assert told("critical", plan(steps=steps)) == [True, True, False]
    assert told("warning", plan(steps=steps)) == [False, True, False]
    assert told("critical", plan(steps=steps, override_critical=True)) == [True, True, True]
    assert told("warning", plan(steps=steps, override_critical=True)) == [False, True, False]
