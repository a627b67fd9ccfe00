"""Gateways that somebody invents: bounded, forgotten, told of together; an edit looks at those that it concerns."""

from __future__ import annotations

from typing import Any

import pytest

from streams.documents import registry
from streams.documents.document import PLATFORM
from streams.telemetry import samples
from tables.detect import rule_slots
from tables.detect.health import roster
from tables.detect.machine import Detect
from tables.detect.series.slot_history import Terms
from tables.world import World

START, HOUR = 1_764_547_200_000, 3_600_000
RULE: dict[str, Any] = {"name": "r", "last": "read", "above": "5", "for": "0s"}


@pytest.fixture(name="few")
def few_gateways(monkeypatch: pytest.MonkeyPatch) -> int:
    """A partition knows few gateways."""
    monkeypatch.setattr(Detect, "terms", Terms(gateways=40))
    return 40


def world(tick: int = 1_000) -> World:
    """One rule."""
    return World([registry.read("rule", RULE)], START, tick=tick)


def heard(one: World, gateway: str, metric: str = "unread", value: float = 1.0) -> None:
    """One frame."""
    for raw in samples.frame(gateway, "s", one.now, [metric], [value]):
        one.say(one.now, "telemetry", gateway, raw)
    one.advance(one.now)


def detect(one: World) -> Detect:
    """Its detect machine."""
    machine = one.machines["detect"]
    assert isinstance(machine, Detect)
    return machine


def told(one: World, rule: str, what: str = "fired") -> list[str]:
    """The messages of the alerts of a rule of ours."""
    return [e["message"] for e in one.timeline if e.get("rule") == f"tocsin-{rule}" and e["what"] == what]


def test_too_many_gateways_are_refused_and_told_of_once(few: int) -> None:
    """Names beyond the bound cost no row; one alert warns before, and becomes worse when they are refused."""
    one = world()
    for n in range(3 * few):
        heard(one, f"g{n}")
    assert len(list(detect(one).scan_sorted("gateway"))) == few
    (warned,) = told(one, roster.BOUND)
    assert f"knows {few * 9 // 10} gateways, {few} being the bound" in warned
    heard(one, "g0", "read", 9.0)
    assert [entry for entry in one.timeline if entry.get("rule") == "r" and entry["what"] == "fired"]
    heard(one, "another", "read", 9.0)
    assert one.timeline[-1]["reason"].startswith(
        "sender: gateway 'another' is not taken up: detect-0 knows 40"
    )


def test_a_gateway_is_forgotten_when_nothing_of_it_is_left(few: int) -> None:
    """Its rows go, its alert ends, there is room for others; what is heard, or still fires, is not forgotten."""
    one = world(tick=10_000)
    for n in range(few - 2):
        heard(one, f"g{n}", "read" if n % 2 else "unread")
    heard(one, "fires", "read", 9.0)
    for _ in range(60 * 4):
        one.advance(one.now + HOUR // 4)
        heard(one, "lives", "read")
    machine = detect(one)
    assert [row.key for row in machine.scan_sorted("gateway")] == ["gateway/fires", "gateway/lives"]
    machine.snapshot()
    machine.snapshot()
    blocks = {"gateway", "series", "departed", "aggregate", "model", "instance"}
    left = {key.split("/")[1] for key in machine.rows if key.split("/")[0] in blocks}
    assert left == {"fires", "lives"}
    assert told(one, roster.BOUND, "resolved")
    assert (
        len(told(one, "telemetry-lost", "resolved"))
        == len(told(one, "telemetry-lost")) - 1
        == roster.ALONE - 1
    )
    assert machine.rows[roster.KEY].value.names.keys().__len__() == 2
    heard(one, "g1", "read", 9.0)
    fired = [e for e in one.timeline if e.get("rule") == "r" and e["what"] == "fired"]
    assert [entry["gateway"] for entry in fired] == ["fires", "g1"]


def test_many_silent_strangers_are_one_alert() -> None:
    """A few are told of one by one, the rest together, again when they are twice as many, and it ends with them."""
    one = world()
    for n in range(200):
        heard(one, f"g{n:03}")
    one.advance(START + 90_000)
    assert len(told(one, "telemetry-lost")) == roster.ALONE
    (first,) = told(one, roster.SILENT)
    assert first.startswith("1 more gateway that nobody registered has fallen silent, as g0")
    assert detect(one).rows[roster.KEY].value.told == 128
    for n in range(200):
        heard(one, f"g{n:03}")
    one.advance(one.now + 1_000)
    assert len(told(one, "telemetry-lost", "resolved")) == roster.ALONE
    assert len(told(one, roster.SILENT, "resolved")) == 1


def opened_by_edits(strangers: int, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], int]:
    """The gateways that three edits adapt, and how many rows they open."""
    one, adapted, real = world(), list[str](), rule_slots.adapt
    for n in range(strangers):
        heard(one, f"stranger{n}", "other" if n % 2 else "unread")
    for n in range(3):
        heard(one, f"g{n}", "read")

    def adapt(machine: Detect, name: str, *more: Any) -> None:
        adapted.append(name)
        real(machine, name, *more)

    opened = 0
    with monkeypatch.context() as patch:
        patch.setattr(rule_slots, "adapt", adapt)
        for revision, above in enumerate(("6", "7", "8"), 2):
            body = registry.read("rule", RULE | {"above": above}).body()
            one.configure(PLATFORM, "rule", "r", revision, body)
            one.advance(one.now)
            opened += sum(len(keys) for levels in detect(one)._opened for keys in levels.values())
    return adapted, opened


def test_an_edit_looks_at_the_gateways_that_it_concerns(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an edit opens, and adapts, does not grow with gateways that have nothing to do with it."""
    alone = opened_by_edits(0, monkeypatch)
    assert alone[0] == ["g0", "g1", "g2"] * 3
    assert alone == opened_by_edits(50, monkeypatch) == opened_by_edits(400, monkeypatch)


def test_a_rule_finds_what_is_sent_and_was_not_read() -> None:
    """A rule that comes later is known to gateways that have sent its metric all the time, without a look at them."""
    one = world()
    for n in range(3):
        heard(one, f"g{n}", "later", 9.0)
    body = registry.read("rule", RULE | {"name": "later", "last": "later"}).body()
    one.configure(PLATFORM, "rule", "later", 1, body)
    one.advance(one.now + 1_000)
    heard(one, "g1", "later", 9.0)
    assert [entry["gateway"] for entry in one.timeline if entry["what"] == "fired"] == ["g1"]
