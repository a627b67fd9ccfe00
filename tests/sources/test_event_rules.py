"""The rules about events, shipped ones and those of docs/examples: each fires on its events, beside all others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from streams import timetable
from tables.scenario import Play

FILES = ("rules/contextforge-events.yaml", "docs/examples/events.yaml")
TEXTS = [(Path(__file__).parents[2] / file).read_text() for file in FILES]
RULES: list[dict[str, Any]] = [
    rule
    for text in TEXTS
    for rule in yaml.load(text, yaml.BaseLoader)["rules"]  # noqa: S506  # texts only
]
FAILED = {"success": False, "failure_reason": "Invalid password"}


def some(number: int, type: str, attributes: dict[str, Any], each: str = "") -> list[dict[str, Any]]:
    """So many events, a second apart; `each`: an attribute that differs."""
    more = [{each: f"n{n}"} if each else {} for n in range(number)]
    return [{"type": type, "attributes": attributes | one} for one in more]


CASES: list[tuple[list[dict[str, Any]], set[str]]] = [
    (some(1, "gateway_offline", {"upstream": "search"}), {"server-down"}),
    (some(10, "login", {**FAILED, "ip": "192.0.2.1", "user": "a"}), {"authentication-failures"}),
    (some(5, "login", {**FAILED, "ip": "192.0.2.1"}, "user"), {"password-spraying"}),
    (some(3, "ACCOUNT_LOCKED", {"user": "a"}), {"accounts-locked"}),
    (some(5, "PASSWORD_RESET_REQUESTED", {}, "user"), {"password-resets"}),
    (some(1, "injection_attempt", {"user_id": "a", "ip": "192.0.2.1"}), {"security-event"}),
    (some(1, "gateway_deleted", {"upstream": "search"}), {"upstreams-changed"}),
    (some(1, "audit_delete_tool", {"user_id": "a", "resource_type": "tool"}), {"deleted-in-the-gateway"}),
    (some(1, "audit_create_tool", {"user_id": "a", "resource_type": "tool"}), set()),
    (some(4, "PASSWORD_RESET_EMAIL_SENT", {}, "user"), set()),
    (some(3, "authentication_failure", {"user_id": "unknown", "ip": "192.0.2.1"}), {"dead-token-used"}),
    (some(10, "plugin_violation", {"plugin": "guard", "code": "PII"}), {"plugin-violation"}),
    (some(3, "rate_limit_exceeded", {"dimension": "user:a", "tier": "low"}), {"rate-limit-exceeded"}),
    (some(2, "rate_limit_exceeded", {"dimension": "user:a", "tier": "low"}), set()),
    (some(1, "brute_force_attempt", {"dimension": "ip:192.0.2.1"}), {"locked-out"}),
    (some(2, "login", {"success": True, "user": "a"}, "ip"), {"login-from-a-new-address"}),
    (some(2, "heartbeat", {"plugin": "tap"}), {"plugin-silent"}),
    (some(9, "login", {**FAILED, "ip": "192.0.2.1", "user": "a"}), set()),
    (some(20, "login", {"success": True, "ip": "192.0.2.1", "user": "a"}), set()),
]


@pytest.mark.parametrize(
    ("events", "fires"), CASES, ids=lambda case: "+".join(case) if isinstance(case, set) else ""
)
def test_a_rule_fires_on_what_it_is_for(events: list[dict[str, Any]], fires: set[str]) -> None:
    """And on nothing else."""
    steps = [{"t": f"{n}s", "event": event} for n, event in enumerate(events)]
    table = {"documents": {"rules": RULES}, "at": steps, "until": "6m"}
    timeline = Play(timetable.read(table)).run()
    fired = {e["rule"] for e in timeline if e["subject"] == "alert" and e["what"] == "fired"}
    assert fired == fires


def test_no_rule_is_left_untried() -> None:
    """Each has a case above."""
    assert {rule["name"] for rule in RULES} == {name for _, fires in CASES for name in fires}
