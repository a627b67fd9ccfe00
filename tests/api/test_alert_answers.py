"""What is said of one alert, of a list's facets, and of what matchers would cover."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.queries import alerts as reading
from streams.codes import SuppressionReason
from streams.messages.alert import Suppression
from streams.messages.change import Change, DeliverySnapshot, EscalationSnapshot
from tests.api.conftest import NOW, History
from tests.api.harness import RULE, created


async def facets(client: httpx.AsyncClient, query: str = "") -> dict[str, dict[str, int]]:
    """The counts of each facet."""
    answer = (await client.get(f"/v1/alerts/facets{query}")).json()["facets"]
    return {name: {item["value"]: item["count"] for item in items} for name, items in answer.items()}


@pytest.fixture
def four(history: History) -> None:
    """Three open alerts of two teams, one of them snoozed, and one that is over."""
    why = Suppression(kind=SuppressionReason.SNOOZE, by="ben", reason="later")
    history.alert("a", severity="critical")
    history.alert("b", "suppressed", suppression=why, suppressed_since=NOW)
    history.alert("c", team="search", gateway="eu", status="acknowledged")
    history.alert("d", "resolved", status="resolved", resolved_at=NOW)


async def test_facets(four: None, admin: httpx.AsyncClient) -> None:
    """Open alerts are counted by each facet; those that are over where they are asked for."""
    found = await facets(admin)
    assert found["status"] == {"firing": 2, "acknowledged": 1}
    assert found["severity"] == {"critical": 1, "warning": 2}
    assert (found["team"], found["gateway"]) == ({"payments": 2, "search": 1}, {"prod": 2, "eu": 1})
    assert found["suppressed"] == {"no": 2, "yes": 1}
    assert (await facets(admin, "?status=resolved"))["status"]["resolved"] == 1


async def test_a_facet_heeds_all_filters_but_its_own(four: None, admin: httpx.AsyncClient) -> None:
    """So the others of one facet still say what they would show; a choice that nothing fits counts 0."""
    found = await facets(admin, "?severity=warning&team=payments")
    assert found["severity"] == {"critical": 1, "warning": 1}
    assert found["team"] == {"payments": 1, "search": 1}
    assert (await facets(admin, "?gateway=none"))["gateway"]["none"] == 0


async def test_facets_are_those_of_ones_teams(four: None, member: httpx.AsyncClient) -> None:
    """What is not theirs is not counted, and may not be asked for."""
    assert (await facets(member))["team"] == {"payments": 2}
    assert (await member.get("/v1/alerts/facets?team=search")).status_code == 403


async def test_the_list_narrowed_to_what_is_suppressed(four: None, admin: httpx.AsyncClient) -> None:
    """By yes and no; another word is refused with those."""
    for word, wanted in (("yes", ["b"]), ("no", ["a", "c"])):
        items = (await admin.get(f"/v1/alerts?suppressed={word}")).json()["items"]
        assert [item["id"] for item in items] == wanted
    assert (await admin.get("/v1/alerts?suppressed=perhaps")).status_code == 422


async def covered(client: httpx.AsyncClient, covers: str, team: str = "payments") -> dict[str, Any]:
    """What the preview says."""
    answer = await client.get("/v1/covered", params={"covers": covers, "team": team})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_covered(four: None, admin: httpx.AsyncClient) -> None:
    """Open alerts of the team that fit, of how many; the platform's reach those of all teams."""
    found = await covered(admin, "gateway=prod, severity=critical")
    assert (found["total"], found["open"], [item["id"] for item in found["items"]]) == (1, 2, ["a"])
    found = await covered(admin, "rule=tool-errors", "platform")
    assert (found["total"], found["open"]) == (3, 3)


async def test_covered_knows_the_type_of_a_rule(admin: httpx.AsyncClient, history: History) -> None:
    """As respond does, which matches `type` too."""
    rule = await created(admin, "rules", RULE)
    history.alert("a", rule_id=rule["id"], rule=rule["name"], rule_type="threshold")
    assert (await covered(admin, "type=threshold"))["total"] == 1
    assert (await covered(admin, "type=anomaly"))["total"] == 0


async def test_covered_within_a_day(admin: httpx.AsyncClient, history: History) -> None:
    """What fired within a day counts although it is over, and so does what was over then."""
    history.alert("new", "resolved", status="resolved", triggered_at=NOW - 86_400_000, resolved_at=NOW)
    found = await covered(admin, "gateway=prod")
    assert (found["total"], found["last_24h"]["count"]) == (0, 1)


@pytest.mark.parametrize(
    ("covers", "words"),
    [
        ("", "is empty"),
        ("severity!=info", "asks for no label"),
        ("a=~'['", "`covers`"),
        ("gateway", "`covers`"),
    ],
)
async def test_what_cannot_be_covered(admin: httpx.AsyncClient, covers: str, words: str) -> None:
    """The sentence names the field and what to write."""
    answer = await admin.get("/v1/covered", params={"covers": covers})
    assert (answer.status_code, words in answer.json()["detail"]) == (422, True), answer.text


async def test_covered_tells_nothing_of_foreign_teams(four: None, member: httpx.AsyncClient) -> None:
    """Of whatever a silence would cover, only what one may see is looked at."""
    assert (await covered(member, "gateway=eu", "search"))["open"] == 0
    assert (await covered(member, "rule=tool-errors", "platform"))["open"] == 2


async def test_the_beginnings_of_a_silence(
    four: None, admin: httpx.AsyncClient, member: httpx.AsyncClient
) -> None:
    """The alert's labels, at its severity and those below; what is put with it covers that alert."""
    draft = (await admin.get("/v1/alerts/b/silence")).json()
    assert (draft["team"], draft["owner"]) == ("payments", "ada@example.com")
    assert draft["covers"] == 'gateway="prod", rule="tool-errors", upstream="b", severity=~"info|warning"'
    assert (await covered(admin, draft["covers"]))["total"] == 1
    assert (await member.get("/v1/alerts/c/silence")).status_code == 404


def step(at: int, latest: int, delay: int) -> Change:
    """A line of the group's escalation that says what comes next."""
    escalation = EscalationSnapshot(
        state="running", why="policy default", step=0, steps=2, round=0, rounds=1, next="step", next_step=1,
        next_to=("user/payments/ben",), next_at=latest, delay=delay,
    )  # fmt: skip
    return Change(
        id=f"n{at}", at=at, team="payments", subject="notification", subject_id="g1", what="firing", reason="",
        group="g1", escalation=escalation,
    )  # fmt: skip


def attempt(at: int, what: str, subject: Any = "notification", name: str = "N1") -> Change:
    """A line about one notification."""
    delivery = DeliverySnapshot(to="endpoint/payments/hook", channel="webhook", purpose="firing")
    return Change(
        id=f"a{at}{what}", at=at, team="payments", subject=subject, subject_id=name, what=what, reason=what, group="g1",
        delivery=delivery,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ([step(10, 700, 600)], 700),
        ([step(10, 700, 600), attempt(20, "delivered")], 620),
        ([step(10, 700, 600), attempt(20, "delivered"), attempt(50, "delivered", name="N2")], 620),
        ([step(10, 700, 600), attempt(200, "delivered")], 700),
        ([attempt(5, "delivered"), step(10, 700, 600)], 700),
        ([step(10, 700, 600), step(30, 90, 600)], 90),
    ],
)
async def test_what_comes_next(
    admin: httpx.AsyncClient, history: History, changes: list[Change], due: int
) -> None:
    """A step's clock runs from the first delivery after it was told, and ends no later than was said."""
    history.alert("a", triggered_at=0)
    history.write(*changes)
    coming = (await admin.get("/v1/alerts/a")).json()["next"]
    assert (coming["what"], coming["step"], coming["to"]) == ("step", 2, ["user/payments/ben"])
    assert coming["at"] == f"1970-01-01T00:00:00.{due:03}Z"


async def test_what_comes_next_of_what_nobody_is_told_of(admin: httpx.AsyncClient, history: History) -> None:
    """The end of an acknowledgement, or of a suppression; of what is over nothing."""
    history.write(step(10, 700, 600))
    history.alert("a", status="acknowledged", acknowledged_until=5_000)
    why = Suppression(kind=SuppressionReason.SNOOZE, by="ben", until=6_000, reason="later")
    history.alert("b", "suppressed", suppression=why, suppressed_since=1)
    history.alert("c", "resolved", status="resolved", resolved_at=NOW)
    found = [(await admin.get(f"/v1/alerts/{name}")).json()["next"] for name in "abc"]
    assert [one and one["what"] for one in found] == ["acknowledgement_ends", "suppression_ends", None]


async def test_who_was_told(admin: httpx.AsyncClient, history: History) -> None:
    """One line for each notification: by which channel, after how many attempts, and what came of it."""
    history.alert("a", triggered_at=0)
    history.write(
        attempt(10, "sent", "attempt"), attempt(20, "retry", "attempt"), attempt(30, "sent", "attempt"),
        attempt(40, "delivered"), attempt(50, "failed", name="N2"),
    )  # fmt: skip
    one, two = (await admin.get("/v1/alerts/a")).json()["told"]
    assert (one["to"], one["channel"], one["attempts"], one["outcome"]) == (
        "endpoint/payments/hook", "webhook", 2, "delivered",
    )  # fmt: skip
    assert (one["at"][-5:], one["outcome_at"][-5:], two["outcome"]) == (".010Z", ".040Z", "failed")


async def test_earlier_occurrences(admin: httpx.AsyncClient, history: History) -> None:
    """Those of the same fingerprint before this one, the newest first, with their notes; how many in thirty days."""
    day = 86_400_000
    for number, ago in enumerate((60 * day, 20 * day, day)):
        history.alert(
            f"p{number}", "resolved", fingerprint="f", status="resolved", triggered_at=NOW - ago, resolved_at=NOW,
            resolution_notes=f"note {number}",
        )  # fmt: skip
    history.alert("a", fingerprint="f", triggered_at=NOW)
    found = (await admin.get("/v1/alerts/a")).json()["earlier"]
    assert ([one["id"] for one in found["items"]], found["within_month"]) == (["p2", "p1", "p0"], 2)
    assert found["items"][0]["resolution_notes"] == "note 2"


@pytest.mark.parametrize(
    ("what", "body"),
    [("comment", {"notes": "x"}), ("assign", {"to": "ben"}), ("snooze", {"for": "2h"}), ("escalate", None)],
)
async def test_a_repeat_gets_the_first_answer_though_the_alert_fires_on(
    admin: httpx.AsyncClient, history: History, respond: Any, what: str, body: dict[str, str] | None
) -> None:
    """Only after an acknowledgement or a resolution it must have ceased: else the key was used for another one."""
    history.alert("a")
    key = {"Idempotency-Key": "12345678"}
    answers = [await admin.post(f"/v1/alerts/a/{what}", json=body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200], answers[1].text
    assert len(respond.sent) == 1


async def test_a_long_timeline_shows_what_happened_last(
    admin: httpx.AsyncClient, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of more entries than an answer holds the newest count: what comes next follows from them."""
    monkeypatch.setattr(reading, "MOST", 2)
    for number, what in enumerate(("fired", "worsened", "updated")):
        history.alert("a", what, version=number + 1)
    timeline = (await admin.get("/v1/alerts/a")).json()["timeline"]
    assert [entry["what"] for entry in timeline] == ["worsened", "updated"]
