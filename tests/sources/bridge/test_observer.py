"""What the bridge says about a gateway, poll by poll."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sources.bridge.gateway_health import read
from sources.bridge.observer import REPEAT, Observer
from sources.bridge.poll import Poll
from sources.bridge.self_report import registered
from sources.contextforge.answer import (
    Answer,
    Garbage,
    Limited,
    Outcome,
    Unauthorised,
    Unavailable,
    Unreachable,
)
from sources.contextforge.upstream import read as entry
from streams.messages.envelope import decode
from streams.messages.event import Event
from streams.telemetry.layout_memory import LayoutMemory
from tests.sources.conftest import EXPOSITION, lifecycle, upstream

GOOD: dict[str, Outcome[Any]] = {
    "health": Answer("healthy"),
    "ready": Answer([]),
    "metrics": Answer(EXPOSITION),
    "upstreams": Answer([entry(upstream("search"))]),
}


def poll(at: int = 0, **changes: Outcome[Any]) -> Poll:
    """A good one, but for these outcomes."""
    outcomes: dict[str, Any] = GOOD | changes
    return Poll(at, **outcomes)


lists = LayoutMemory()  # of all tests: a list is known by its texts


def frames(messages: list[bytes]) -> dict[str, dict[str, float | None]]:
    """Values by source and series."""
    batches = [lists.read(body) for body in map(decode, messages) if body["kind"] == "samples"]
    return {batch.source: dict(zip(batch.series, batch.values, strict=True)) for batch in batches}


def events(messages: list[bytes]) -> dict[str, dict[str, Any]]:
    """Attributes by type of event."""
    found = [Event.read(body) for body in map(decode, messages) if body["kind"] == "event"]
    return {event.type: event.attributes for event in found}


def test_a_gateway_that_is_well_gives_three_frames() -> None:
    """Health, upstreams and metrics; the event says who owns what."""
    said = Observer("prod").messages(poll(), {"t1": "payments"})
    assert frames(said) == {
        "bridge/health": {"gateway_telemetry_up": 1.0, "gateway_up": 1.0, "gateway_ready": 1.0},
        "bridge/upstreams": {
            'upstream_up{upstream="search",upstream_id="id-search"}': 1.0,
            "upstreams_total": 1.0,
            "upstreams_unreachable": 0.0,
            "upstreams_down_share": 0.0,
        },
        "bridge/metrics": {"process_start_time_seconds": 1.5},
    }
    owner = {"id": "id-search", "team": "payments", "owner": "a@example.com", "reachable": True}
    assert events(said) == {"inventory": {"upstreams": {"search": owner}}}


@pytest.mark.parametrize(
    "trouble", [Unreachable("refused", "nobody"), Unavailable(502, "bad gateway"), Garbage("an HTML page")]
)
def test_a_gateway_that_is_gone_says_nothing_else(trouble: Outcome[str]) -> None:
    """What its upstreams do is not known then, and nothing may be claimed."""
    said = Observer("prod").messages(Poll(0, trouble))
    (standing,) = read(frames(said)["bridge/health"])
    assert frames(said) == {"bridge/health": {"gateway_up": 0.0, standing.series()[0]: 1.0}}
    assert set(events(said)) == {"gateway_unreachable"}


@pytest.mark.parametrize(
    ("trouble", "status", "fix"),
    [
        (Unavailable(503, "metrics are disabled"), "503 metrics are disabled", "ENABLE_METRICS=true"),
        (
            Unauthorised(401, "User not found in database"),
            "401 User not found in database",
            "POST /v1/tokens",
        ),
        (Limited(900, asked=True), "429, limited", "RATE_LIMIT_LOW_RPM"),
    ],
)
def test_lost_telemetry_names_status_and_fix(trouble: Outcome[str], status: str, fix: str) -> None:
    """The gateway answers and its metrics do not: we say that we are blind, and what to change."""
    said = Observer("prod").messages(poll(metrics=trouble))
    assert frames(said)["bridge/health"]["gateway_telemetry_up"] == 0.0
    assert "bridge/metrics" not in frames(said)
    lost = events(said)["telemetry_lost"]
    assert (lost["status"], lost["lost"]) == (status, ["/metrics/prometheus"])
    assert fix in lost["fix"]


def test_an_exposition_that_is_none_is_lost_telemetry() -> None:
    """A sign-in page with status 200 is no silence, it is a fault."""
    said = Observer("prod").messages(poll(metrics=Answer("<html><title>Sign in</title>")))
    assert "Sign in" in events(said)["telemetry_lost"]["status"]


def test_upstreams_that_may_not_be_read_leave_their_frame_out() -> None:
    """An empty frame would say that all upstreams are gone."""
    said = Observer("prod").messages(poll(upstreams=Unauthorised(403, "Access denied")))
    assert set(frames(said)) == {"bridge/health", "bridge/metrics"}
    assert "gateways.read" in events(said)["telemetry_lost"]["fix"]


def test_what_may_not_be_asked_is_not_guessed() -> None:
    """During a lock-out we know neither that the gateway is up nor that it is down."""
    silent = Limited(600, asked=False)
    said = Observer("prod").messages(Poll(0, silent, silent, silent, silent))
    (standing,) = read(frames(said)["bridge/health"])
    assert frames(said) == {
        "bridge/health": {"gateway_telemetry_up": 0.0} | dict.fromkeys(standing.series(), 1.0)
    }


def test_a_refusal_at_health_proves_that_something_answers() -> None:
    """429 from the limiter is not an outage."""
    said = Observer("prod").messages(poll(health=Limited(60, asked=True)))
    assert frames(said)["bridge/health"]["gateway_up"] == 1.0


def test_what_is_not_ready_is_named_once() -> None:
    """The frame repeats, the event does not."""
    observer, broken = Observer("prod"), Answer(["Database: Cannot connect"])
    said = observer.messages(poll(0, ready=broken))
    assert events(said)["gateway_not_ready"] == {"items": ["Database: Cannot connect"]}
    again = observer.messages(poll(1, ready=broken))
    assert frames(again)["bridge/health"]["gateway_ready"] == 0.0
    assert events(again) == {}


def test_a_trouble_is_told_again_after_it_was_over() -> None:
    """An event marks a change, and the second outage is one."""
    observer, gone = Observer("prod"), Unreachable("refused", "nobody")
    told = [events(observer.messages(one)) for one in (Poll(0, gone), Poll(1, gone), poll(2), Poll(3, gone))]
    assert ["gateway_unreachable" in one for one in told] == [True, False, False, True]


def test_new_words_for_the_same_are_told_once() -> None:
    """A request's id in each answer makes neither an event nor a series of every poll; another path does."""
    observer = Observer("prod")
    polls = [poll(n, metrics=Garbage(f"/metrics/prometheus answers 404 request {n}")) for n in range(3)]
    polls.append(poll(3, metrics=Garbage("404 request 3"), upstreams=Unavailable(500, "request 3")))
    said = [observer.messages(one) for one in polls]
    assert ["telemetry_lost" in events(one) for one in said] == [True, False, False, True]
    troubles = [{text for text in frames(one)["bridge/health"] if "request" in text} for one in said]
    assert troubles[0] == troubles[1] == troubles[2] < troubles[3]


@pytest.mark.parametrize("changes", [{"enabled": False}, {"status": "pending"}, {"status": "deleting"}])
def test_an_upstream_that_nobody_expects_to_work_leaves_the_frame(changes: dict[str, Any]) -> None:
    """Disabled, deleted and pending ones are nobody's outage."""
    listed = [entry(upstream("search", reachable=False, **changes)), entry(upstream("mail"))]
    frame = frames(Observer("prod").messages(poll(upstreams=Answer(listed))))["bridge/upstreams"]
    assert [series for series in frame if "search" in series] == []
    assert (frame["upstreams_total"], frame["upstreams_unreachable"]) == (1.0, 0.0)


def test_a_share_is_only_said_of_many() -> None:
    """One of two is half, and still one server; three of six is the network."""
    few = [entry(upstream(f"u{k}", reachable=k > 0)) for k in range(2)]
    many = [entry(upstream(f"u{k}", reachable=k > 2)) for k in range(6)]
    shares = [
        frames(Observer("p").messages(poll(upstreams=Answer(one))))["bridge/upstreams"] for one in (few, many)
    ]
    assert [one["upstreams_down_share"] for one in shares] == [0.0, 0.5]


def hidden(*counts: int) -> list[list[bytes]]:
    """What is said of one upstream that is listed, where the gateway has so many of them at each poll."""
    observer = Observer("prod")
    return [
        observer.messages(poll(at, metrics=Answer(EXPOSITION + lifecycle(active=count))))
        for at, count in enumerate(counts)
    ]


def test_what_the_token_does_not_show_is_told_and_is_no_loss_of_telemetry() -> None:
    """Who reads doctor hears how many there are and what to change; no alert says that all is lost."""
    said = hidden(3, 3, 5, 5, 1)
    of_health = [frames(messages)["bridge/health"] for messages in said]
    assert [frame["gateway_telemetry_up"] for frame in of_health] == [1.0] * 5
    troubles = [[str(trouble) for trouble in read(frame)] for frame in of_health]
    assert [len(one) for one in troubles] == [0, 1, 1, 1, 0]
    assert "2 of 3 upstreams are hidden from this token" in troubles[1][0]
    assert "4 of 5 upstreams are hidden from this token" in troubles[3][0]
    assert "administrator" in troubles[3][0]
    shown = [frames(messages)["bridge/upstreams"]["upstreams_hidden"] for messages in said]
    assert shown == [0.0, 2.0, 2.0, 4.0, 0.0]
    assert not any("telemetry_lost" in events(messages) for messages in said)


def test_an_upstream_that_comes_between_two_answers_is_not_hidden() -> None:
    """List and metrics are asked for at once, and one of them may be a moment older."""
    assert all(not read(frames(messages)["bridge/health"]) for messages in hidden(1, 2, 1, 2, 1))


def test_a_gateway_that_does_not_say_how_many_it_has_hides_nothing() -> None:
    """What is not known is left out, never guessed."""
    said = [Observer("prod").messages(poll(at)) for at in (0, 1)]
    assert all("upstreams_hidden" not in frames(messages)["bridge/upstreams"] for messages in said)


def test_a_list_that_was_not_due_leaves_everything_as_it_was() -> None:
    """A poll between two lists has no frame of upstreams, and neither ends a trouble nor begins one."""
    observer, refused = Observer("prod"), Unauthorised(403, "Access denied")
    polls = [poll(0, upstreams=refused), Poll(1, Answer("healthy"), Answer([]), Answer(EXPOSITION)), poll(2)]
    said = [observer.messages(one) for one in polls]
    assert [frames(one)["bridge/health"]["gateway_telemetry_up"] for one in said] == [0.0, 0.0, 1.0]
    assert ["bridge/upstreams" in frames(one) for one in said] == [False, False, True]
    assert ["telemetry_lost" in events(one) for one in said] == [True, False, False]


@pytest.mark.parametrize("word", ["NaN", "+Inf", "many", ""])
def test_a_count_that_is_no_number_is_not_known(word: str) -> None:
    """Whatever a gateway writes there, also where the text ends: nothing that it says ends its bridge."""
    text = f'{EXPOSITION}gateway_lifecycle_status{{status="active"}} {word}'
    assert registered(text) is None
    said = Observer("prod").messages(poll(metrics=Answer(text)))
    assert frames(said)["bridge/health"]["gateway_up"] == 1.0


def checked(*rounds: int, listed: Outcome[Any] = GOOD["upstreams"]) -> list[float | None]:
    """For how long the gateway's checker has stood still at polls 15 s apart, by the rounds that it has done."""
    observer, name = Observer("prod"), "gateway_health_check_batch_duration_seconds_count"
    texts = [f"{EXPOSITION}{name} {float(count)}\n" for count in rounds]
    said = [
        observer.messages(poll(15_000 * k, metrics=Answer(text), upstreams=listed))
        for k, text in enumerate(texts)
    ]
    return [frames(one)["bridge/health"]["health_checker_silent_seconds"] for one in said]


def test_a_health_checker_that_stands_still_is_known() -> None:
    """While it does, every `reachable` is stale and an outage is seen by nobody."""
    assert checked(4, 5, 5, 5, 6) == [0.0, 0.0, 15.0, 30.0, 0.0]


def test_a_health_checker_without_upstreams_has_nothing_to_do() -> None:
    """The gateway does not count rounds over an empty list."""
    assert checked(4, 4, 4, listed=Answer([])) == [0.0, 0.0, 0.0]


def test_why_an_upstream_is_down_is_part_of_the_inventory() -> None:
    """Where the gateway says it, whoever judges can tell it with the alert."""
    listed = [entry(upstream("search", reachable=False, lastError="TLS handshake failed"))]
    said = Observer("prod").messages(poll(upstreams=Answer(listed)))
    assert events(said)["inventory"]["upstreams"]["search"]["error"] == "TLS handshake failed"


def test_how_near_the_rate_limit_is() -> None:
    """By the limit itself, since the gateway does not name its tiers."""
    near = replace(poll(), limits_used={500: 0.25, 100: 0.9})
    frame = frames(Observer("prod").messages(near))["bridge/health"]
    shares = {text: value for text, value in frame.items() if text.startswith("rate_limit")}
    assert shares == {
        'rate_limit_used_ratio{dimension="ip",limit="100"}': 0.9,
        'rate_limit_used_ratio{dimension="ip",limit="500"}': 0.25,
    }


def test_two_upstreams_of_one_name_stay_two() -> None:
    """Teams choose names without asking each other."""
    twins = [entry(upstream("search", id=key * 32)) for key in "ab"]
    said = Observer("prod").messages(poll(upstreams=Answer(twins)))
    assert sorted(events(said)["inventory"]["upstreams"]) == ["search (aaaaaaaa)", "search (bbbbbbbb)"]
    assert frames(said)["bridge/upstreams"]["upstreams_total"] == 2.0


def test_owners_are_told_on_change_and_every_five_minutes() -> None:
    """Whoever judges may have lost its memory; the bridge repeats what it rests on."""
    observer = Observer("prod")
    said = [
        events(observer.messages(poll(at), {"t1": team}))
        for at, team in ((0, "a"), (1, "a"), (2, "b"), (3 + REPEAT, "b"))
    ]
    assert ["inventory" in one for one in said] == [True, False, True, True]


def test_the_same_polls_give_the_same_bytes() -> None:
    """Ids and bodies derive from the poll alone, so that a repeat is known as one."""
    assert Observer("prod").messages(poll(7)) == Observer("prod").messages(poll(7))


@pytest.mark.parametrize(
    "of", [poll(), poll(upstreams=Unauthorised(403, "no")), Poll(0, Unreachable("refused", "x"))]
)
def test_whose_a_gateway_is_comes_first(of: Poll) -> None:
    """Whose a gateway is is said before anything else of it, also where it does not answer or shows no upstreams."""
    first = Event.read(decode(Observer("prod", "payments").messages(of)[0]))
    assert (first.type, first.attributes["team"]) == ("inventory", "payments")
    assert events(Observer("prod").messages(Poll(0, Unreachable("refused", "x")))).keys() == {
        "gateway_unreachable"
    }


def test_owners_of_upstreams_outlast_a_poll_that_does_not_list_them() -> None:
    """What was listed last still holds; nothing of it is taken back because one list failed."""
    observer = Observer("prod", "edge")
    said = [
        events(observer.messages(of)) for of in (poll(0), poll(REPEAT + 1, upstreams=Unavailable(500, "x")))
    ]
    assert said[0]["inventory"] == said[1]["inventory"]
    assert sorted(said[0]["inventory"]["upstreams"]) == ["search"]
