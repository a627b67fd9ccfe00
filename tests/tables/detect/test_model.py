"""The model of one instance: which frames are a row, how long an anomaly lasts, and what reads back."""

from __future__ import annotations

import random
import struct
from functools import cache
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.errors import DamagedState
from tables.detect.anomaly.anomaly import ENDS
from tables.detect.anomaly.model import Model
from tables.detect.anomaly.model_codec import VERSION, decode, encode
from tests.tables.detect.harness import START, asked

MINUTE = 60_000


def fed(model: Model, instants: list[int], value: float = 50.0) -> list[int]:
    """The instants, minutes from the start, at which the model took a row for whole."""
    rows = []
    for minute in instants:
        before = model.detector.rows
        model.feed(START + minute * MINUTE, value)
        rows += [minute] if model.detector.rows > before else []
    return rows


def test_values_whose_sum_no_number_holds_are_no_damage() -> None:
    """Frames of one row near the largest float add up to something that reads back."""
    model = Model(asked())
    for n in range(3):
        model.feed(START + 10_000 * n, 1.7e308)
    assert encode(decode(encode(model), asked())) == encode(model)


@given(
    levels=st.lists(st.sampled_from([50.0, 55.0, 80.0, 300.0]), min_size=1, max_size=5),
    noise=st.sampled_from([0.0, 1e-3, 0.05]),
)
@settings(max_examples=25, deadline=None)
def test_an_anomaly_lasts_until_it_is_learned_unless_something_further_out_comes(
    levels: list[float], noise: float
) -> None:
    """However long a level stays that no hour has seen, the alert ends in time; news begins its time anew."""
    rnd, of = random.Random(1), asked(over="5m", minimum_history="0s", learn_while_firing="2h")
    model, minutes, opened = Model(of), 300_000, 0
    for n, level in enumerate(level for level in [50.0, *levels] for _ in range(100)):
        at = START + n * minutes
        score = model.feed(at, level * rnd.gauss(1, noise))
        if model.anomaly.opened == at:
            opened = at
        assert score <= of.bar or at - opened < 2 * 3_600_000


def incident(values: list[float], said: dict[int, tuple[int, ...]] | None = None) -> list[Model]:
    """The model, saved and restored, after each minute's value that follows ten hours of noise about 50.

    `said`: the minutes that are dismissed, from a minute on.
    """
    rnd, of = random.Random(3), asked(minimum_history="0s", learn_while_firing="30m")
    model, models = Model(of), list[Model]()
    for n, value in enumerate([*(rnd.gauss(50, 1) for _ in range(600)), *values]):
        if said and n - 600 in said:
            dismissed = tuple(START + (600 + minute) * MINUTE for minute in said[n - 600])
            model.subject = model.subject._replace(dismissed=dismissed)
            model.hear()
        model.feed(START + n * MINUTE, value)
        if n >= 600:
            models.append(decode(encode(model), model.subject))
    return models


def alerts(models: list[Model]) -> list[int]:
    """The minutes in which the score that holds is above the bar."""
    return [n for n, model in enumerate(models) if model.score > model.subject.bar]


def test_what_gets_worse_does_not_end() -> None:
    """A value that goes on growing is an anomaly to its last row; one that stays is told no longer after the limit."""
    worse, steady = incident([70.0 + n for n in range(120)]), incident([70.0] * 120)
    assert alerts(worse)[-1] == 119
    assert 28 <= alerts(steady)[-1] <= 40
    assert ENDS[steady[-1].anomaly.ended] == "lasted"


def test_an_anomaly_has_one_beginning_and_the_score_that_holds() -> None:
    """Whatever its rows score by themselves."""
    models = [model for model in incident([70.0] * 25) if model.anomaly.open]
    shown = [one for model in models if (one := model.shown())]
    assert len({one.since for one in shown}) == 1
    assert min(one.score for one in shown) > models[0].subject.bar


def test_a_few_usual_rows_end_it_and_one_does_not() -> None:
    """What comes back within three rows is the same anomaly."""
    flicker = incident([70.0 if n % 7 else 50.0 for n in range(1, 24)])
    assert [n + 1 for n in range(23) if n not in alerts(flicker)] == [7, 14, 21]
    assert len({model.anomaly.since for model in flicker}) == 1
    over = incident([70.0] * 5 + [50.0] * 4)
    assert not over[-1].anomaly.open
    assert ENDS[over[-1].anomaly.ended] == "usual"


def test_a_dismissal_that_is_taken_back_brings_it_back() -> None:
    """As long as it lasts."""
    told = alerts(incident([70.0] * 20, {3: (2,), 9: ()}))
    assert told == [0, 1, 2, *range(9, 20)]


def test_rows_that_are_shorter_than_the_polls_are_judged() -> None:
    """Frames five minutes apart and rows of a minute: each frame ends a row, from the second one on."""
    assert fed(Model(asked()), list(range(0, 50, 5))) == list(range(5, 50, 5))


def test_a_late_frame_hides_no_gap_and_an_early_one_makes_none() -> None:
    """Gaps are told by the usual interval, not by the last one."""
    steady = list(range(0, 50, 5))
    assert fed(Model(asked()), [*steady, 59, 75, 80])[-2:] == [59, 80]  # 14 minutes late; 16 are a gap
    assert fed(Model(asked()), [*steady, 46, 50, 55])[-3:] == [46, 50, 55]


@given(jitter=st.lists(st.integers(-20, 20), min_size=20, max_size=60))
@settings(max_examples=40, deadline=None)
def test_polls_that_jitter_have_no_gaps(jitter: list[int]) -> None:
    """However the seconds fall, each frame but the first ends a row, and twenty minutes of silence are a gap."""
    model = Model(asked())
    at = START
    for n, off in enumerate(jitter):
        at = START + n * 2 * MINUTE + off * 1_000
        model.feed(at, 50.0)
        assert model.detector.rows == n
    model.feed(at + 20 * MINUTE, 50.0)
    assert model.detector.rows == len(jitter) - 1


def test_members_that_come_back_find_their_mean_where_it_was() -> None:
    """However often one flaps, the first members' mean stays where it was, that of others beside it."""
    rnd, model, origins = random.Random(2), Model(asked(kind="latency")), dict[int, list[float]]()
    for n in range(400):
        members = 2 + n // 20 % 2
        model.feed(START + n * MINUTE, members**3 * rnd.gauss(1, 0.1), members)
        model = decode(encode(model), model.subject) if n % 30 == 0 else model
        if not model.other and n >= 5:
            origins.setdefault(members, []).append(model.detector.origin)
    assert len(set(origins[2])) == 1
    assert max(origins[3]) - min(origins[3]) < 0.2


def test_another_interval_is_learned() -> None:
    """A source that is polled less often from now on is judged again after a few frames."""
    assert fed(Model(asked()), [*range(20), *range(30, 130, 10)])[-7:] == list(range(60, 130, 10))


@cache
def saved() -> bytes:
    """A model of some hours, without its seal."""
    model, rnd = Model(asked()), random.Random(4)
    for n in range(200):
        model.feed(START + n * MINUTE, rnd.gauss(50, 5), 7)
    return encode(model)[5:]


@given(
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6), cut=st.integers(0, 9)
)
@settings(max_examples=200, deadline=None)
def test_what_loads_also_works(changes: list[tuple[int, int]], cut: int) -> None:
    """Bytes that were changed before they were sealed raise DamagedState, or load and judge on."""
    body = bytearray(saved()[: len(saved()) - cut])
    for at, byte in changes:
        body[at % (250 if at % 2 else len(body))] = byte
    try:
        model = decode(struct.pack("<BI", VERSION, crc32(body)) + body, asked())
    except DamagedState:
        return
    for n in range(5):
        assert 0 <= model.feed(max(model.heard, START) + (n + 1) * MINUTE, 50.0, n // 3) <= 1
    assert encode(decode(encode(model), asked())) == encode(model)


@pytest.mark.parametrize("version", [0, 1, 2, 3, 255])
def test_another_version_is_refused(version: int) -> None:
    """A model that was saved by other rules begins anew."""
    with pytest.raises(DamagedState, match="another version"):
        decode(struct.pack("<BI", version, crc32(saved())) + saved(), asked())


@pytest.mark.parametrize(("level", "other"), [(70.0, 5.0), (30.0, 120.0), (200.0, 5.0)])
def test_the_way_back_is_no_news(level: float, other: float) -> None:
    """What has lasted, and is told no longer, comes back into the band without an alert; past the band it is one."""
    back, past = ([*[level] * 60, *[value] * 20] for value in (50.0, other))
    assert [n for n in alerts(incident(back)) if n >= 60] == []
    assert 60 in alerts(incident(past))
