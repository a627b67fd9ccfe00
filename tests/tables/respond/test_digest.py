"""What came and went while we were away: whose share it is, and who reads it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from streams.documents import registry
from streams.documents.document import Owned
from streams.messages.envelope import Severity
from tables.respond import digest
from tables.respond.alert.lifecycle import Status
from tables.respond.digest import Digest, readers
from tables.respond.route.state import PlanStep, Routed, RouteKey
from tests.tables.respond.harness import LAST, ONE, START, TWO, alert, moment, plan
from tests.tables.respond.route.harness import context, endpoint

OVER = alert(Status.RESOLVED, "warning")
BY_RULE = Routed("t", "high", RouteKey("routing", "t"), ("endpoint/one",))


def of(severity: Severity = "critical") -> Digest:
    """One alert's."""
    return digest.add(None, replace(OVER, severity=severity), BY_RULE, moment())


def test_each_routing_of_a_rule_has_a_digest_of_its_own() -> None:
    """Two rules that name the same targets share one; other targets, and a route, are others."""
    others = (
        BY_RULE._replace(routing=("endpoint/two",)),
        BY_RULE._replace(route=RouteKey("route", "t", "r"), routing=()),
        BY_RULE._replace(team="u"),
    )
    owners = {digest.digest_owner(routed) for routed in (BY_RULE, *others)}
    assert len(owners) == 4
    assert digest.digest_owner(BY_RULE._replace(rule="low")) == digest.digest_owner(BY_RULE)


def test_it_gathers_and_is_as_bad_as_its_worst_alert() -> None:
    """Twenty excerpts stand for all; it is due a moment after the first."""
    gathered = of("warning")
    for severity in ("critical", "info") * 15:
        gathered = digest.add(gathered, replace(OVER, severity=severity), BY_RULE, moment(active=1_003_000))
    assert (gathered.count, gathered.severity, len(gathered.excerpts)) == (31, "critical", 20)
    assert digest.deadline(gathered) == 1_000_000 + digest.GATHER


def told(known: list[Owned], *steps: PlanStep, severity: Severity = "critical", **fields: bool) -> list[str]:
    """Who reads a digest by a plan of these steps."""
    found = readers(context(*known), of(severity), plan(steps=steps, **fields), START)
    return [one.to for one in found]


@pytest.mark.parametrize(("severity", "who"), [("critical", ONE), ("warning", TWO), ("info", LAST)])
def test_steps_count_for_the_severity_of_what_was_held_back(severity: Severity, who: str) -> None:
    """Whom such an alert would have reached first, else the last resort; nobody who would not have heard."""
    steps = PlanStep(0, (ONE,), ("critical",)), PlanStep(5, (TWO,), ("critical", "warning"))
    assert told([], *steps, severity=severity) == [who]


def test_a_policy_that_waits_for_nothing_tells_all_its_steps() -> None:
    """Of something critical; else its first one."""
    steps = PlanStep(0, (ONE,)), PlanStep(5, (TWO,))
    assert told([], *steps, override_critical=True) == [ONE, TWO]
    assert told([], *steps, severity="warning", override_critical=True) == [ONE]


def test_nobody_is_called_for_what_is_over_who_can_read_it_later() -> None:
    """By the ways for information where somebody has such; else by those of the severity: nobody hears nothing."""
    loud, quiet = {"endpoint": "phone", "when": ["critical"]}, {"endpoint": "chat", "when": ["info"]}
    known = [endpoint("phone"), endpoint("chat")]
    for name, contact in (("anna", [loud, quiet]), ("ben", [loud])):
        known.append(registry.read("person", {"name": name, "team": "t", "contact": contact}))
    assert told(known, PlanStep(0, ("user/t/anna",))) == ["endpoint/t/chat"]
    assert told(known, PlanStep(0, ("user/t/ben",))) == ["endpoint/t/phone"]


def test_where_nobody_can_be_reached_whoever_is_responsible_reads_it() -> None:
    """As for an alert."""
    steps = PlanStep(0, ("user/t/gone",))
    found = readers(context(endpoint("default")), of(), plan(steps=(steps,), last_resort=()), START)
    assert [one.to for one in found] == ["endpoint/t/default"]
