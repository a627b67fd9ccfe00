"""Quiet hours hold what somebody does not want to hear now, in their own zone, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.calendar.zone import zone
from streams.channels.webhook import WebhookEndpoint
from streams.codes import HoldReason, NotifyReason
from streams.documents.endpoint import Endpoint
from streams.documents.oncall.person import PersonDocument
from streams.documents.oncall.quiet_hours import LONGEST, quiet_until
from streams.errors import Refused
from streams.messages.envelope import Severity
from tables.deliver.contacts import Addressee
from tables.deliver.politeness.quiet_hours import quiet
from tests.tables.deliver.harness import notification

NIGHT, DAY, HOUR = 1_764_626_400_000, 1_764_590_400_000, 3_600_000  # 23:00 and 13:00 in Berlin
PHONE = Endpoint(name="phone", channel="ntfy")


def addressee(**fields: Any) -> Addressee:
    """Ben, who sleeps from eleven to seven; `contact`: fields of his contact."""
    contact = {"endpoint": "phone"} | fields.pop("contact", {})
    body = {"name": "ben", "time_zone": "Europe/Berlin", "quiet_hours": "23:00-07:00", "contact": [contact]}
    person = PersonDocument.read(body | fields)
    return Addressee(person, person.contact[0])


def held(
    *addressees: Addressee, at: int = NIGHT, endpoint: Endpoint = PHONE, **fields: Any
) -> tuple[int, str] | None:
    """Until when a notification is held, and in which queue."""
    known: dict[str, Any] = {"severity": "warning"} | fields
    hold = quiet(notification(**known), addressees or (addressee(),), endpoint, at)
    assert hold is None or (
        hold.code is HoldReason.QUIET_HOURS and hold.document.startswith("person/platform/")
    )
    return None if hold is None else (hold.until, hold.queue)


def test_until_the_hours_are_over() -> None:
    """With whatever else waits for the same instant; where programs read it, by itself."""
    until = NIGHT + 8 * HOUR
    assert held() == (until, f"quiet-{until}")
    assert held(endpoint=WebhookEndpoint(name="hook", url="https://x.example")) == (until, "")
    assert held(at=DAY) is None
    assert held(at=NIGHT - 1) is None
    assert held(at=until) is None


def test_critical_passes_unless_somebody_says_otherwise() -> None:
    """And an override of a policy passes all the same."""
    assert held(severity="critical") is None
    assert held(addressee(quiet_for=["critical", "info"]), severity="critical") is not None
    assert held(addressee(quiet_for=["critical"]), severity="warning") is None
    override: dict[str, Any] = {"severity": "critical", "reason_code": NotifyReason.OVERRIDE_CRITICAL}
    assert held(addressee(quiet_for=["critical"]), **override) is None


def test_a_contact_has_hours_of_its_own() -> None:
    """Instead of the person's; none at all, too."""
    assert held(addressee(contact={"quiet_hours": []})) is None
    assert held(addressee(contact={"quiet_hours": "12:00-14:00"}), at=DAY) == (
        DAY + HOUR,
        f"quiet-{DAY + HOUR}",
    )
    assert held(addressee(contact={"quiet_for": ["info"]})) is None


def test_of_several_all_have_to_be_quiet() -> None:
    """Until the first of them is not any more."""
    early = addressee(quiet_hours="22:00-05:00")
    assert held(addressee(), early) == (NIGHT + 6 * HOUR, f"quiet-{NIGHT + 6 * HOUR}")
    assert held(addressee(), addressee(quiet_hours=[])) is None


@pytest.mark.parametrize("hours", [["mon-sun"], ["00:00-12:00", "12:00-24:00"], ["25:00-26:00"], [""]])
def test_hours_that_are_none_or_never_end_are_refused(hours: list[str]) -> None:
    """With the field."""
    with pytest.raises(Refused, match="quiet_hours"):
        addressee(quiet_hours=hours)


@given(
    st.integers(NIGHT, NIGHT + 400 * 86_400_000),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.sampled_from(
        [["22:00-07:00"], ["mon-fri 18:00-24:00", "mon-fri 00:00-08:00", "sat,sun"], ["02:00-03:00"]]
    ),
)
def test_hours_end_and_are_over_then(at: int, place: str, hours: list[str]) -> None:
    """Whatever the clocks do meanwhile."""
    assert zone(place)
    until = quiet_until(hours, place, at)
    if until is not None:
        assert at < until < at + LONGEST
        assert quiet_until(hours, place, until) is None
        assert quiet_until(hours, place, until - 1) == until


SEVERITIES: list[Severity] = ["critical", "warning", "info"]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_contact_that_is_meant_for_the_severity_counts(severity: Severity) -> None:
    """Of two by one method the one that says so; else the first."""
    ways = [{"endpoint": "phone", "when": "critical"}, {"endpoint": "phone", "when": "info", "delay": "1m"}]
    person = PersonDocument.read({"name": "ben", "contact": ways})
    found = person.contact_for("endpoint/phone", severity)
    assert found is not None
    assert found.delay == (60_000 if severity == "info" else 0)
    assert person.contact_for("email", severity) is None
