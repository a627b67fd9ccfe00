"""Random lives of some series, and how a machine is told of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from streams.messages.envelope import encode
from tests.tables.detect.alone import START, Life
from tests.tables.detect.naive import EVERY, LONG, Frame, Series

NAMES = ("a", "b")
moves = st.tuples(
    st.sampled_from([EVERY] * 12 + [LONG, 2 * LONG]),
    st.tuples(*[st.none() | st.sampled_from([0, 0, 1, 3, 30, 60])] * 2),
    st.tuples(*[st.sampled_from([False] * 9 + [True])] * 2),
)
sides = ("above", "below", "at_or_above", "at_or_below", "equals", "differs_from")
limits = st.tuples(st.sampled_from(sides), st.sampled_from([0.4, 1, 2, 5, 61, 6_000])) | st.tuples(
    st.sampled_from(["inside", "outside"]), st.sampled_from([[-4, 0.4], [0, 2], [2, 5], [4, 61], [70, 6_000]])
)
lives = st.lists(moves, min_size=8, max_size=40)


def frames_of(life: Sequence[Any]) -> list[Frame]:
    """Two counters that grow, begin anew, come late and stay away; there is always one more series."""
    found, at, now = list[Frame](), 0, {"a": 5_000.0, "b": 7.0}
    for gap, grows, anew in life:
        lately = any(after.at - before.at > EVERY for before, after in pairwise(found[-6:]))
        at += (EVERY if lately else gap) if found else 0  # what is silent again and again just speaks seldom
        values: Series = {}
        for name, more, again in zip(NAMES, grows, anew, strict=True):
            if more is not None:
                now[name] = float(more) if again else now[name] + more
                values[name] = now[name]
        found.append(Frame(at, values))
    return found


def spelled(name: str, chance: random.Random) -> str:
    """The series in one of its many spellings."""
    labels = [f'n="{name}"', 'q="x y"', 'team="pay"', *chance.choice([[], ['gone=""']])]
    chance.shuffle(labels)
    blank = chance.choice(["", " "])
    return f"c_total{blank}{{{blank}{(',' + blank).join(labels)}{chance.choice(['', ','])}}}"


def messages(frame: Frame, chance: random.Random) -> list[bytes]:
    """The frame in one part or two, whichever series come in which."""
    texts = {spelled(name, chance): number for name, number in frame.values.items()} | {"alive": 1.0}
    some = list(texts.items())
    chance.shuffle(some)
    cut = chance.randrange(len(some) + 1)
    parts = [some] if cut in (0, len(some)) else [some[:cut], some[cut:]]
    bodies: list[dict[str, Any]] = [
        {"gateway": "g", "source": "s", "part": [k, len(parts)], "series": [text for text, _ in part]}
        | {"values": [number for _, number in part]}
        for k, part in enumerate(parts)
    ]
    at = START + 1_000 * frame.at
    return [encode("samples", f"{frame.at}/{k}", at, body) for k, body in enumerate(bodies)]


def played(frames: Sequence[Frame], rule: dict[str, Any], comes: int, seed: int) -> dict[str, list[bool]]:
    """Whether each instance fires after each frame; `comes`: the second at which the rule comes, before its frame."""
    life, chance, found = Life(), random.Random(seed), dict[str, list[bool]]()
    for frame in frames:
        life.pass_until(START + 1_000 * frame.at)
        if frame.at >= comes and not life.machine.compiled_rules:
            life.put(rule)
        for raw in messages(frame, chance):
            life.apply(raw)
        for name in NAMES if rule.get("by") is None else ("",):
            found.setdefault(name, []).append(life.firing(f'n="{name}"' if name else ""))
    return found
