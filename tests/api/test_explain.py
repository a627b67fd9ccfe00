"""Why people are told of an alert, or are not, and what comes next: against what the machines then do."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.dependencies import Dependencies
from tests.api.conftest import NOW, History
from tests.api.harness import created
from tests.api.played import DOCUMENTS, MINUTE, Played


@pytest.fixture
async def played(admin: httpx.AsyncClient, history: History) -> Played:
    """All documents put, and four minutes gone since the alerts fired."""
    for section, body in DOCUMENTS:
        await created(admin, section, body)
    made = Played(history)
    made.until(NOW)
    return made


async def explained(client: httpx.AsyncClient, alert: str, person: str = "") -> dict[str, Any]:
    """The answer."""
    answer = await client.get(f"/v1/alerts/{alert}/explain", params={"person": person} if person else {})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_what_comes_next_comes_then(admin: httpx.AsyncClient, played: Played) -> None:
    """Step 3 in so many seconds, to whom it then goes, at the very second."""
    found = await explained(admin, played.alert("high"))
    (after,) = found["next"]
    assert (after["next"], after["to"], after["state"]) == (
        "step 3",
        ["Anna → endpoint anna-phone"],
        "running",
    )
    assert 170 <= after["in_seconds"] <= 180
    played.until(NOW + 5 * MINUTE)
    calls = [entry for entry in played.world.timeline if entry["subject"] == "call" and entry["at"] > NOW]
    assert [(entry["to"], (entry["at"] - NOW) // 1_000) for entry in calls] == [
        ("endpoint/platform/anna-phone", pytest.approx(after["in_seconds"], abs=1))
    ]


async def test_every_gate_has_a_code_and_a_document(admin: httpx.AsyncClient, played: Played) -> None:
    """From the rule over its state and the route to each step; what nobody has confirmed is named."""
    gates = (await explained(admin, played.alert("high")))["gates"]
    passed = [(gate["gate"], gate["code"], gate["document"]) for gate in gates if gate["passed"]]
    assert passed == [
        ("rule", "rule_tells", "rule/platform/high"), ("state", "firing", None),
        ("suppression", "not_suppressed", None), ("route", "routed", "policy/platform/p"),
        ("step 1", "reached", None), ("step 2", "reached", None), ("step 3", "reached", None),
    ]  # fmt: skip
    (stopped,) = [gate for gate in gates if not gate["passed"]]
    assert (stopped["gate"], stopped["code"]) == ("step 2", "not_confirmed")
    assert "tocsin people confirm ben sms" in stopped["reason"]


async def test_what_keeps_it_quiet_is_named(admin: httpx.AsyncClient, played: Played) -> None:
    """With the document, and until when; nothing comes next then."""
    found = await explained(admin, played.alert("low"))
    (gate,) = [gate for gate in found["gates"] if gate["gate"] == "suppression"]
    assert (gate["passed"], gate["code"], gate["document"], gate["until"]) == (
        False, "silence", "silence/platform/known", "2025-12-25T00:00:00.000Z",
    )  # fmt: skip
    assert [each["at"] for each in found["next"]] in ([], [None])


async def test_what_holds_a_message_is_named(admin: httpx.AsyncClient, history: History) -> None:
    """Somebody's quiet hours, by the rule itself and by what was held; with the document, and until when."""
    night = {"quiet_hours": "15:30-17:00", "quiet_for": ["critical", "warning"]}
    made = Played(history, {"anna": night})
    for section, body in made.documents:
        await created(admin, section, body)
    made.until(NOW)
    gates = (await explained(admin, made.alert("high")))["gates"]
    held = [gate for gate in gates if gate["code"] == "quiet_hours"]
    assert {gate["gate"] for gate in held} == {"step 1", "step 3", "delivery"}
    assert {(gate["passed"], gate["document"], gate["until"]) for gate in held} == {
        (False, "person/platform/anna", "2025-11-24T17:00:00.000Z")
    }


async def test_one_person(admin: httpx.AsyncClient, played: Played) -> None:
    """Only what concerns her: the steps that lead to her, and to whom the others lead."""
    gates = (await explained(admin, played.alert("high"), "anna"))["gates"]
    steps = {gate["gate"]: gate for gate in gates if gate["code"] in ("reached", "not_meant")}
    assert {name: gate["code"] for name, gate in steps.items()} == {
        "step 1": "reached", "step 2": "not_meant", "step 3": "reached",
    }  # fmt: skip
    assert "but to schedule duty → Ben → endpoint ben-phone" in steps["step 2"]["reason"]
    answer = await admin.get(f"/v1/alerts/{played.alert('high')}/explain?person=eve")
    assert (answer.status_code, "there is no person 'eve'" in answer.json()["detail"]) == (404, True)


async def test_an_alert_that_one_may_not_see(
    member: httpx.AsyncClient, played: Played, dependencies: Dependencies
) -> None:
    """It does not exist."""
    answer = await member.get(f"/v1/alerts/{played.alert('high')}/explain")
    assert (answer.status_code, dependencies.now()) == (404, NOW)


def test_the_command_line(tocsin: Any, history: History) -> None:
    """Each gate with a sign, and what comes next."""
    made = Played(history)
    made.until(NOW)
    code, said = tocsin("explain", made.alert("high"))
    assert (code, "✔ state: it fires since 2025-11-24 15:56 UTC, and nobody has it (firing)" in said) == (
        0,
        True,
    ), said
    assert "next: step 3 in " in said
    code, said = tocsin("explain", made.alert("low")[:8], "--json")
    assert (code, '"code":"silence"' in said) == (0, True), said
