"""Grouped rules: many series come to one number a group."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from streams.documents import registry
from streams.messages.envelope import encode
from streams.telemetry import samples
from tables.detect.instances.instances import StateBlock
from tables.detect.machine import Detect
from tables.world import World

START = 1_764_547_200_000
Frames = Sequence[Mapping[str, float]]


def judged(frames: Frames, **rule: Any) -> dict[str, float]:
    """The last value of each instance of the rule, after frames a second apart."""
    return {key: value for (_, key), value in judged_together(frames, [{"name": "r", **rule}]).items()}


def judged_together(frames: Frames, rules: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], float]:
    """The same of several rules, by name and instance."""
    known = [registry.read("rule", dict(rule)) for rule in rules]
    world, names = World(known, START), {rule.id: rule.name for rule in known}
    for n, series in enumerate(frames):
        at = START + 1_000 * (n + 1)
        for raw in samples.frame("g", "s", at, list(series), list(series.values())):
            world.say(at, "telemetry", "g", raw)
    world.advance(START + 1_000 * len(frames) + 1_500)
    block = world.machines["detect"].rows["instance/g/00000"].value
    assert isinstance(block, StateBlock)
    return {(names[rule], key): float(block.value[slot]) for slot, (rule, key) in enumerate(block.keys)}


TWO = [{'c{t="a",r="e"}': 1, 'c{t="a",r="o"}': 3, 'c{t="b",r="e"}': 10, 'c{t="b",r="o"}': 30}]


@pytest.mark.parametrize(
    ("function", "over", "values"),
    [
        ("last", None, {"a": 4.0, "b": 40.0}),
        ("sum", "5s", {"a": 4.0, "b": 40.0}),
        ("avg", "5s", {"a": 2.0, "b": 20.0}),
        ("min", "5s", {"a": 1.0, "b": 10.0}),
        ("max", "5s", {"a": 3.0, "b": 30.0}),
        ("count", "5s", {"a": 2.0, "b": 2.0}),
    ],
)
def test_a_group_is_one_number(function: str, over: str | None, values: dict[str, float]) -> None:
    """A sum over the series that share the labels; minimum, maximum and mean for those functions."""
    window = {"over": over} if over else {}
    found = judged(TWO, **{function: "c", "by": "t", "above": 1e9, **window})
    assert found == {f'{{t="{name}"}}': number for name, number in values.items()}


def test_an_increase_and_a_rate_of_a_group() -> None:
    """Steps of all its counters together, by the second for a rate."""
    frames = [{'c{n="1"}': 10 * n, 'c{n="2"}': 5 * n} for n in range(5)]
    assert judged(frames, increase="c", by=[], over="10s", above=1e9) == {"": 60.0}
    assert judged(frames, rate="c", by=[], over="10s", above=1e9) == {"": pytest.approx(6.0)}


RATIO = {"ratio": 'c{r="e"} / c', "over": "10s", "above": 1e9}


def test_a_ratio_by_labels() -> None:
    """Numerator by denominator, each summed over the series that share the labels."""
    frames = [
        {'c{r="e",t="a"}': 1 * n, 'c{r="o",t="a"}': 3 * n, 'c{r="o",t="b"}': 2 * n, 'c{r="e",t="b"}': 2 * n}
        for n in range(4)
    ]
    assert judged(frames, by="t", **RATIO) == {'{t="a"}': 0.25, '{t="b"}': 0.5}


def test_a_missing_numerator_is_nought() -> None:
    """While there is a denominator, nothing has gone wrong."""
    frames = [{'c{r="o"}': 3.0 * n} for n in range(4)]
    assert judged(frames, by=[], **RATIO) == {"": 0.0}


@pytest.mark.parametrize(("at_least", "value"), [("9 calls", 1.0), ("10 calls", math.nan)])
def test_too_few_calls_say_nothing(at_least: str, value: float) -> None:
    """Below `at_least` a ratio is no value, and so never a breach."""
    frames = [{'c{r="e"}': 3.0 * n} for n in range(4)]
    found = judged(frames, by=[], at_least=at_least, **RATIO)[""]
    assert found == pytest.approx(value, nan_ok=True)


def test_rules_judged_together_are_judged_as_each_alone() -> None:
    """All groups of a gateway are reduced in one pass; none hears of another rule's series, function or window."""
    frames = [
        {
            f'c{{r="{r}",t="{t}"}}': (n + 1) * len(r + t) + 0.1 * n * n
            for r in ("e", "oo")
            for t in ("a", "bbb")
        }
        for n in range(6)
    ]
    windows = [("3s", "t"), ("5m", []), ("2s", None)]
    functions = ("avg", "min", "max", "sum", "count", "rate", "increase", "ratio")
    rules = [
        {"name": f"{function}-{over}", function: "c" if function != "ratio" else RATIO["ratio"], "over": over}
        | {"above": 1e9}
        | ({} if by is None else {"by": by})
        for function in functions
        for over, by in windows
    ]
    rules.append({"name": "last", "last": "c", "by": "t", "above": 1e9})
    alone = [judged_together(frames, [rule]) for rule in rules]
    together = judged_together(frames, rules)
    assert together == {place: value for found in alone for place, value in found.items()}


def test_a_replay_judges_no_group_by_what_came_later() -> None:
    """A crash has left windows that hold half a frame more than the message in hand, which had nothing for them."""
    rule = {"name": "r", "avg": "c", "by": [], "over": "60s", "above": 9}
    world = World([registry.read("rule", rule)], START)
    machine, written = world.machines["detect"], list[dict[str, bytes]]()
    frames = [(1_000, {"c": 5.0}, 1), (120_000, {"d": 1.0}, 1), (120_500, {"c": 7.0}, 2)]
    for after, values, parts in frames:
        body = {"gateway": "g", "source": "s", "part": [0, parts], "series": list(values)}
        raw = encode("samples", f"{after}", START + after, body | {"values": list(values.values())})
        world.say(START + after, "telemetry", "g", raw)
    for until in (119_000, 120_600):
        world.advance(START + until)
        written.append({key: raw for key, raw in machine.snapshot() if raw is not None})
    stored = written[0] | {
        key: raw for key, raw in written[1].items() if key.startswith(("aggregate/", "model/", "instance/"))
    }
    resumed = Detect("detect-0", world.signer, stored.items())
    log = [(at, raw) for at, topic, _, raw in world.log if topic == "telemetry"]
    for offset in range(resumed.head.seen + 1, len(log)):
        resumed.apply(offset, *log[offset])
    assert {key for key in written[1] if key.startswith("aggregate/")}
    again = {key: raw for key, raw in resumed.snapshot() if raw is not None}
    assert written[0] | written[1] == stored | again
