"""What plugins and services emit, as our messages: translated whole, or refused with the field and the fix."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.intake.emitted import LARGEST
from sources.intake.emitted_alert import emitted_verdict
from sources.intake.emitted_event import event
from streams.errors import Refused
from streams.messages.command import Command, Emit, Principal
from streams.messages.envelope import decode
from streams.messages.event import Event
from streams.topics import INBOX
from tables.world import World

NOW = 1_795_000_000_000
EVENT: dict[str, Any] = {"gateway": "prod", "source": "guard", "type": "plugin_violation"}
ALERT: dict[str, Any] = {"source": "backup", "title": "Backup failed", "team": "payments"}


def test_an_event_is_what_was_sent() -> None:
    """Its type stays as the sender spells it; the source says that it came from outside."""
    sent = event(EVENT | {"labels": {"tool": "search"}, "attributes": {"code": 7}}, "anna", NOW)
    assert (sent.gateway, sent.source, sent.type, sent.at) == ("prod", "emit/guard", "plugin_violation", NOW)
    assert (sent.labels, sent.attributes) == ({"tool": "search"}, {"code": 7})
    assert Event.read(decode(sent.encode())) == sent


@pytest.mark.parametrize(
    "at", ["2026-11-18T11:46:40Z", "2026-11-18T12:46:40+01:00", 1_795_002_400_000, "1795002400000"]
)
def test_an_instant_has_a_zone(at: str | int) -> None:
    """The same moment, however it is spelled."""
    assert event(EVENT | {"at": at}, "anna", 0).at == 1_795_002_400_000


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"gateway": ""}, "`gateway`"),
        ({"type": "inventory"}, "`type`: 'inventory' is said by Tocsin's own bridge"),
        ({"source": "a|b"}, "`source`: 'a|b' is no name here"),
        (
            {"at": "2026-11-18T11:46:40"},
            "`at`: '2026-11-18T11:46:40' is no instant: write 2026-12-07T09:00:00Z",
        ),
        ({"at": True}, "`at`"),
        ({"labels": {"not a label": "x"}}, "`labels.not a label"),
        ({"labels": {"a": "x" * 301}}, "`labels.a` is 301 characters long: at most 300"),
        ({"labels": {f"l{k}": "" for k in range(21)}}, "`labels` holds more: at most 20"),
        ({"severity": "critical"}, "there is no field `severity`"),
        ({"attributes": {"count": 2**70}}, "holds what our messages cannot: Integer exceeds 64-bit range"),
        ({"attributes": {"text": "x" * LARGEST}}, f"at most {LARGEST}"),
    ],
)
def test_a_wrong_event_is_refused_by_its_field(change: dict[str, Any], words: str) -> None:
    """And with what to write instead."""
    with pytest.raises(Refused) as why:
        event(EVENT | change, "anna", NOW)
    assert words in str(why.value)
    assert len(str(why.value)) < 600


@pytest.mark.parametrize("body", [None, [], "text", 7])
def test_what_is_no_object_is_refused(body: Any) -> None:
    """Whatever JSON holds."""
    with pytest.raises(Refused, match="must be fields with their values"):
        event(body, "anna", NOW)


def test_a_repeat_has_the_same_id_and_nothing_else_has_it() -> None:
    """By the sender's own id, else by all that was said; two senders never share one."""
    mine = EVENT | {"id": "7"}
    assert event(mine, "anna", 1).id == event(mine | {"attributes": {"a": 1}}, "anna", 2).id
    dated = EVENT | {"at": NOW}
    assert event(dated, "anna", 1).id == event(dated, "anna", 2).id
    others = [event(mine, "ben", 1), event(dated, "ben", 1), event(EVENT, "anna", 1), event(EVENT, "anna", 2)]
    others += [event(dated | {"type": "x"}, "anna", 1), event(mine, "anna", 1), event(dated, "anna", 1)]
    assert len({one.id for one in others}) == len(others)


def asked(body: dict[str, Any], now: int) -> Command:
    """The command that the API makes of a body of anna's."""
    id, team, verdict = emitted_verdict(body, "anna", now)
    by = Principal(name="anna", teams=(team,))
    return Command(id=id or str(now), at=now, team=team, by=by, action=Emit(verdict=verdict))


def told(*bodies: dict[str, Any]) -> list[dict[str, Any]]:
    """What happens to alerts where these come one minute after the other."""
    world = World(start=NOW)
    for body in bodies:
        world.tell(world.now, INBOX, "payments", asked(body, world.now))
        world.advance(world.now + 60_000)
    return [entry for entry in world.timeline if entry["subject"] == "alert"]


def test_an_alert_is_raised_and_resolved_by_its_sender() -> None:
    """As any other: it fires, becomes worse, is told, and ends."""
    key = ALERT | {"dedup_key": "nightly"}
    happened = told(
        key | {"message": "disk full"},
        key | {"severity": "critical", "title": "Backup failed again"},
        key | {"status": "resolved"},
    )
    what = [entry["what"] for entry in happened]
    assert (what[0], what.count("fired"), what[-1]) == ("fired", 1, "resolved")
    assert [entry["severity"] for entry in happened if entry["severity"] == "critical"]
    assert happened[0]["message"] == "Backup failed: disk full"


def test_each_key_is_an_alert_of_its_own() -> None:
    """Without a key the title is one; another sender's alert of the same name is another."""
    bodies = [ALERT, ALERT, ALERT | {"title": "Other"}, ALERT | {"dedup_key": "k"}]
    made = [emitted_verdict(body, "anna", NOW) for body in bodies] + [emitted_verdict(ALERT, "ben", NOW)]
    instances = [one.verdict.fingerprint for one in made]
    assert len(set(instances)) == 4
    assert instances[0] == instances[1]


def test_an_alert_says_where_it_comes_from() -> None:
    """What has a field of its own becomes a label, by which it can be routed and found."""
    body = ALERT | {
        "category": "storage",
        "correlation_id": "c-1",
        "labels": {"host": "a"},
        "gateway": "prod",
    }
    _, team, verdict = emitted_verdict(body, "anna", NOW)
    assert verdict.labels == {
        "host": "a",
        "category": "storage",
        "correlation_id": "c-1",
        "source": "backup",
        "gateway": "prod",
    }
    assert (team, verdict.rule, verdict.reason) == ("payments", "backup", "anna raised it")
    command = asked(body, NOW)
    assert Command.read(decode(command.encode())) == command


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"severity": "urgent"}, "`severity`: 'urgent' is not one of critical, warning, info"),
        ({"status": "open"}, "`status`"),
        ({"title": ""}, "`title`"),
        ({"team": "Payments!"}, "`team`"),
        ({"labels": {"source": "x"}}, "`labels`: source has a field of its own"),
        ({"message": "x" * 2_001}, "`message` is 2001 characters long: at most 2000"),
    ],
)
def test_a_wrong_alert_is_refused_by_its_field(change: dict[str, Any], words: str) -> None:
    """And with what to write instead."""
    with pytest.raises(Refused) as why:
        emitted_verdict(ALERT | change, "anna", NOW)
    assert words in str(why.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["gateway", "source", "type", "at", "labels", "attributes", "title", "severity", "id", "team"]
)


@given(change=st.dictionaries(FIELDS, JSON, max_size=3))
def test_whatever_comes_is_translated_or_refused(change: dict[str, Any]) -> None:
    """No body ends whoever reads it with anything but a refusal."""
    with suppress(Refused):
        assert event(EVENT | change, "anna", NOW).id
    with suppress(Refused):
        assert emitted_verdict(ALERT | change, "anna", NOW).team
