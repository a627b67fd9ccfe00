"""Rows 25, 26, 27, 28: snoozes, silences and maintenance windows keep people's peace, and their end speaks."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.acceptance.product import Product, Receiver, until

pytestmark = pytest.mark.cluster
numbers = itertools.count(1)


def test_row_25_snooze(product: Product, receiver: Receiver, admin: httpx.Client) -> None:
    """Told once, then snoozed by the API: nothing comes before its end, and then a word that says since when."""
    alert = product.raised("row 25 snoozed")
    until(lambda: told(receiver, alert))
    snoozed = admin.post(f"/v1/alerts/{alert['id']}/snooze", json={"for": "10s", "notes": "deploying"}).json()
    assert (snoozed["status"], snoozed["suppression"]["kind"]) == ("firing", "snooze")
    assert "deploying" in snoozed["suppression"]["reason"]
    until(lambda: len(told(receiver, alert)) > 1)
    released = told(receiver, alert)[1]
    assert released["reason_code"] == "released"
    assert "was suppressed since" in released["reason"]
    assert at(released["at"]) >= at(snoozed["suppression"]["until"])
    until(lambda: not suppressed_by(admin, alert))


def test_row_25_snooze_from_the_command_line(product: Product, receiver: Receiver) -> None:
    """Snoozed for two hours and taken back: the end speaks at once, and the timeline has who did both."""
    alert = product.raised("row 25 taken back")
    until(lambda: told(receiver, alert))
    said = product.tocsin("alerts", "snooze", alert["id"], "--for", "2h", "--notes", "deploying")
    assert said.code == 0, said.text
    assert "operator snoozed it" in product.tocsin("alerts", "show", alert["id"]).text
    said = product.tocsin("alerts", "unsnooze", alert["id"])
    assert said.code == 0, said.text
    until(lambda: len(told(receiver, alert)) > 1)
    assert told(receiver, alert)[1]["reason_code"] == "released"


def test_row_25_silence(product: Product, receiver: Receiver, admin: httpx.Client) -> None:
    """What a silence covers is listed, and told to nobody, not even once, until the silence ends; then at once."""
    silence = {
        "name": "row-25", "team": "payments", "covers": 'rule=~"row-25-silenced.*"', "ends": instant(hours=1),
        "owner": "anna", "reason": "vendor ticket 4711",
    }  # fmt: skip
    made = admin.post("/v1/silences", json=silence).json()
    in_force(product, admin, "row 25 silenced canary")
    alert = product.raised("row 25 silenced")
    assert (alert["status"], alert["suppression"]["kind"]) == ("firing", "silence")
    assert at(alert["suppression"]["until"]) == at(silence["ends"])
    assert "vendor ticket 4711" in alert["suppression"]["reason"]
    ends = instant(seconds=5)
    assert admin.put(f"/v1/silences/{made['id']}", json=made | {"ends": ends}).status_code == 200
    until(lambda: told(receiver, alert))
    first = told(receiver, alert)[0]
    assert (first["reason_code"], at(first["at"]) >= at(ends)) == ("released", True)


def test_row_25_silence_of_a_file(product: Product, receiver: Receiver) -> None:
    """A silence that `tocsin apply` puts holds for what fires already; deleted, it releases it at once."""
    alert = product.raised("row 25 applied")
    until(lambda: told(receiver, alert))
    file = product.folder / "silence.yaml"
    file.write_text(
        "silences:\n  - name: applied\n    team: payments\n    covers: rule=row-25-applied\n"
        f"    ends: {instant(hours=1)}\n    owner: ben\n    reason: known\n"
    )
    said = product.tocsin("apply", str(file), "--yes")
    assert said.code == 0, said.text
    until(lambda: "silenced by ben" in product.tocsin("alerts", "show", alert["id"]).text)
    with product.client() as admin:
        (known,) = admin.get("/v1/silences", params={"name": "applied"}).json()["items"]
        assert admin.delete(f"/v1/silences/{known['id']}").status_code == 204
    until(lambda: len(told(receiver, alert)) > 1)
    assert told(receiver, alert)[1]["reason_code"] == "released"


def test_row_26_a_window_suppresses_and_escalation_stands_still(
    product: Product, receiver: Receiver, admin: httpx.Client
) -> None:
    """A policy that would tell the next one after a second tells nobody while a window is open, however long."""
    policy = {
        "name": "row-26", "team": "payments",
        "steps": [{"notify": ["endpoint/hook"]}, {"after": "1s", "notify": ["endpoint/hook"]}],
    }  # fmt: skip
    assert admin.post("/v1/policies", json=policy).status_code == 201
    route = {"name": "row-26", "team": "payments", "when": 'rule=~"row-26.*"', "to": "policy/row-26"}
    assert admin.post("/v1/routes", json=route).status_code == 201
    alert = until(lambda: routed(product, receiver, "row-26", next(numbers)))
    window = opened(admin, "row-26", f"rule={alert['rule']}")
    until(lambda: suppressed_by(admin, alert) == "maintenance")
    before = len(told(receiver, alert))
    probe = product.raised(
        f"row 26 beside {next(numbers)}"
    )  # another alert of the same policy, which no window covers
    until(lambda: [one for one in told(receiver, probe) if one["what"] == "escalated"])
    assert len(told(receiver, alert)) == before  # its own step was due before that
    assert admin.delete(f"/v1/maintenance/{window['id']}").status_code == 204
    until(lambda: len(told(receiver, alert)) > before)
    assert told(receiver, alert)[before]["reason_code"] == "released"


def test_row_27_a_recurring_window_is_open_now(
    product: Product, receiver: Receiver, admin: httpx.Client
) -> None:
    """A window that began days ago and comes every day holds today; its alert says until when today's lasts."""
    begin = datetime.now(UTC) - timedelta(days=3, minutes=5)
    fields = {"starts": f"{begin:%Y-%m-%d %H:%M}", "lasts": "30m", "repeats": "daily"}
    window = opened(admin, "row-27", 'rule=~"row-27|row-27-canary"', **fields)
    in_force(product, admin, "row 27 canary")
    alert = product.raised("row 27")
    assert alert["suppression"]["kind"] == "maintenance"
    ends = begin.replace(second=0, microsecond=0) + timedelta(days=3, minutes=30)
    assert at(alert["suppression"]["until"]) == ends
    shown = admin.get(f"/v1/maintenance/{window['id']}/occurrences", params={"count": 2}).json()
    assert at(shown["active"]["ends"]) == ends
    assert [at(each["ends"]) for each in shown["occurrences"]][-1] - ends in (
        timedelta(days=1),
        timedelta(days=2),
    )
    other = product.raised("row 27 beside it")
    until(lambda: told(receiver, other))
    assert told(receiver, alert) == []


def test_row_28_alerts_resume_when_a_window_ends(
    product: Product, receiver: Receiver, admin: httpx.Client
) -> None:
    """Of two alerts in a window one is over before it ends: at its end the other alone is told, as suppressed."""
    window = opened(admin, "row-28", 'rule=~"row-28.*"', lasts="1h")
    in_force(product, admin, "row 28 canary")
    still, over = product.raised("row 28 still"), product.raised("row 28 over")
    assert product.tocsin("alerts", "resolve", over["id"]).code == 0
    ended = window | {"ended": instant(seconds=1)}
    assert admin.put(f"/v1/maintenance/{window['id']}", json=ended).status_code == 200
    until(lambda: told(receiver, still))
    first = told(receiver, still)[0]
    assert (first["what"], first["reason_code"]) == ("firing", "released")
    assert "was suppressed since" in first["reason"]
    assert told(receiver, over) == []
    until(lambda: not suppressed_by(admin, still))
    assert admin.get(f"/v1/alerts/{still['id']}").json()["suppressed_seconds"] > 0


def in_force(product: Product, admin: httpx.Client, title: str) -> None:
    """Wait until what has been put, and covers an alert of this title, suppresses it: then it does all others."""
    canary = product.raised(title)
    until(lambda: suppressed_by(admin, canary))


def routed(product: Product, receiver: Receiver, policy: str, number: int) -> dict[str, Any] | None:
    """An alert of which people are told by a policy; None where the route that leads there is not in force yet."""
    alert = product.raised(f"row 26 alert {number}")
    first = until(lambda: told(receiver, alert))[0]
    return alert if policy in first["reason"] else None


def told(receiver: Receiver, alert: dict[str, Any]) -> list[dict[str, Any]]:
    """What the receiver has heard of an alert, the oldest first."""
    return [body for body in list(receiver.got) if any(one["id"] == alert["id"] for one in body["alerts"])]


def suppressed_by(admin: httpx.Client, alert: dict[str, Any]) -> str:
    """The kind of what suppresses an alert now; empty where people are told of it."""
    suppression = admin.get(f"/v1/alerts/{alert['id']}").json()["suppression"]
    return suppression["kind"] if suppression else ""


def opened(admin: httpx.Client, name: str, covers: str, **fields: str) -> dict[str, Any]:
    """A maintenance window of team payments, put by the API; open for an hour since five minutes ago unless said."""
    begin = datetime.now(UTC) - timedelta(minutes=5)
    usual = {"starts": f"{begin:%Y-%m-%d %H:%M}", "lasts": "1h", "time_zone": "UTC", "reason": "OS patches"}
    answer = admin.post(
        "/v1/maintenance", json={"name": name, "team": "payments", "covers": covers} | usual | fields
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def instant(**ahead: float) -> str:
    """A whole second so far ahead, as documents and answers write it."""
    return f"{datetime.now(UTC) + timedelta(**ahead):%Y-%m-%dT%H:%M:%SZ}"


def at(text: str) -> datetime:
    """An instant of an answer."""
    return datetime.fromisoformat(text)
