"""Batches that name their list of series: what they say is what plain batches say, from the moment it is known."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from functools import cache
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.codes import DeadLetterReason
from streams.errors import Unlisted
from streams.messages.envelope import Body, encode
from streams.signature import Signer
from streams.telemetry import gateway_lists, layout, layout_memory
from streams.telemetry.layout import layout_of
from streams.topics import DEAD_LETTER
from tables.detect.layout import layouts
from tables.detect.levels import LEVELS
from tables.detect.machine import Detect
from tables.kernel.output import Output
from tables.world import KEY
from tests.tables.detect.alone import START, Life
from tests.tables.mutants import poisoned
from tests.tables.torture import Log, faults, living, logs, plain

HIGH = {"name": "high", "last": "cpu", "above": 5, "for": "0s", "keep_firing_for": "0s"}
LOST, FORGED, PLAIN, TOLD = 0.06, 0.05, 0.1, 0.3
known_logs = cache(logs)


class Brisk(Detect):
    """Detect whose days are seconds, and which has room for few lists."""

    terms = Detect.terms._replace(
        most=40, unheard=20_000, rest=40_000, sweep=6_000, late=3_000, departed=50_000, lists=3, listed=15_000
    )


class Producer:
    """Turns plain batches into such that name their lists; now and then a list is lost, or is none of its name."""

    def __init__(self, seed: int, faulty: bool = True) -> None:
        """`faulty`: whether lists are lost and forged."""
        self._chance, self._faulty = random.Random(seed), faulty
        self._told: dict[tuple[Any, ...], str] = {}

    def say(self, body: Body) -> Body:
        """The same batch in one of its forms."""
        texts = body.get("series")
        if (
            body.get("kind") != "samples"
            or not texts
            or not all(type(t) is str and "\n" not in t for t in texts)
        ):
            return body
        place, name = (body["gateway"], body["source"], body.get("part", [0])[0]), layout_of(texts)
        chance, rest = self._chance.random(), {key: value for key, value in body.items() if key != "series"}
        if self._faulty and chance < LOST + FORGED:
            return rest | {"layout": name} if chance < LOST else body | {"layout": "0" * 32}
        if chance < LOST + FORGED + PLAIN:
            return body
        if chance > 1 - TOLD or self._told.get(place) != name:
            self._told[place] = name
            return body | {"layout": name}
        return rest | {"layout": name}

    def log(self, log: Log) -> Log:
        """A log in which batches are in their forms."""
        return [(stamp, self._raw(raw)) for stamp, raw in log]

    def _raw(self, raw: bytes) -> bytes:
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return raw
        return (
            raw
            if not isinstance(body, dict) or body.get("kind") != "samples"
            else orjson.dumps(self.say(body))
        )


@pytest.mark.parametrize("seed", range(2))
def test_torture_of_lists(seed: int) -> None:
    """Lists that come, change, are lost, forged and forgotten are the same ones after any crash."""
    log = Producer(seed).log(known_logs(seed, 90, churn=True, strangers=seed == 1)["detect"])
    assert faults(poisoned(Brisk), log, seed) == []
    assert faults(Brisk, log, seed + 20) == []


def test_the_torture_has_what_it_needs() -> None:
    """Lists are named, forgotten, and refused for want of room; and some batches name what nobody knows."""
    log = Producer(0).log(known_logs(0, 90, churn=True)["detect"])
    machine, counts = Brisk("p-0", Signer([KEY])), {"known": 0, "unknown": 0, "forged": 0}
    for offset, (stamp, raw) in enumerate(log):
        known = _knows(machine, raw)
        out = machine.apply(offset, stamp, raw)
        if known is not None:
            counts["known" if known else "unknown"] += 1
        counts["forged"] += any(output.code is DeadLetterReason.OTHER_LAYOUT for output in out)
    assert min(counts.values()) > 5
    assert any(row.dead for key, row in machine.rows.items() if key.startswith("layout/"))


def _knows(machine: Detect, raw: bytes) -> bool | None:
    """Whether the list that a batch names is known; None where it names none."""
    if b'"layout"' not in raw or b'"series"' in raw:
        return None
    name = orjson.loads(raw)["layout"]
    return any(row.value.layout == name for row in machine.scan("layout"))


def downstream(kind: type[Detect]) -> Any:
    """The mistake of keeping lists downstream of the entry that depends on them."""
    names = ("layouts", "layout")
    lists = tuple(level for level in LEVELS if level.name in names)
    others = tuple(level for level in LEVELS if level.name not in names)
    place = next(n for n, level in enumerate(others) if level.name == "gateway") + 1

    class Downstream(kind):  # type: ignore[misc, valid-type]
        levels = (*others[:place], *lists, *others[place:])

    return Downstream


def test_lists_downstream_of_the_entry_are_found() -> None:
    """A replay would meet a newer list than its message did, and the torture sees it."""
    log = Producer(0).log(known_logs(0, 90, churn=True)["detect"])
    assert any(faults(downstream(Brisk), log, seed) for seed in range(8))


def test_named_batches_say_what_plain_ones_say() -> None:
    """Every output and every row but those of lists is the same, byte for byte."""
    log = known_logs(0, 90, churn=True)["detect"]
    out, rows = plain(Detect, log)
    again, more = plain(Detect, Producer(0, faulty=False).log(log))
    assert again == out
    assert {key: raw for key, raw in more.items() if not key.startswith("layout")} == rows
    assert any(key.startswith("layout/") for key in more)


series = st.sampled_from([f'cpu{{core="{n}"}}' for n in range(6)])
frames = st.lists(
    st.dictionaries(series, st.sampled_from([1.0, 9.0]), min_size=1, max_size=6), min_size=3, max_size=12
)


@settings(max_examples=60)
@given(frames, st.data())
def test_any_cut_order_and_repetition(lives: list[dict[str, float]], data: Any) -> None:
    """However frames are cut, repeated and shuffled: what is judged is what is known by then."""
    chance = random.Random(data.draw(st.integers(0, 10_000)))
    producer = Producer(chance.randrange(100), faulty=False)
    sent: list[tuple[Body, Body]] = []
    for n, values in enumerate(lives):
        bodies = list(_cut(n, list(values.items()), chance))
        said = [(body, producer.say(body)) for body in bodies]
        sent += said + [pair for pair in said if chance.random() < 0.2]
    for n in range(len(sent) - 1):
        if chance.random() < 0.2:
            sent[n], sent[n + 1] = sent[n + 1], sent[n]
    named = _verdicts([said for _, said in sent])
    known = {id(said) for said in _understood([said for _, said in sent])}
    assert named == _verdicts([body if id(said) in known else None for body, said in sent])


def _cut(n: int, values: list[tuple[str, float]], chance: random.Random) -> Iterator[Body]:
    cut = chance.randrange(len(values))
    parts = [part for part in (values[:cut], values[cut:]) if part]
    for k, part in enumerate(parts):
        yield {
            "kind": "samples", "id": f"{n}/{k}", "gateway": "g", "source": "s", "at": START + 1_000 * n,
            "part": [k, len(parts)], "series": [text for text, _ in part], "values": [value for _, value in part],
        }  # fmt: skip


def _understood(said: Sequence[Body]) -> list[Body]:
    """The batches whose list is given, or is the newest one of their part."""
    newest: dict[int, str] = {}
    found = []
    for body in said:
        if "series" in body and "layout" in body:
            newest[body["part"][0]] = body["layout"]
        if "series" in body or newest.get(body["part"][0]) == body["layout"]:
            found.append(body)
    return found


NOTHING = {"kind": "samples", "gateway": "z", "source": "s", "at": START, "series": [], "values": []}


def _verdicts(said: Sequence[Body | None]) -> list[bytes]:
    """What a machine makes of it, second by second; None: a message that says nothing."""
    life = Life()
    life.put(HIGH)
    found: list[bytes] = []
    for body in said:
        life.pass_until(max(life.now, body["at"] if body else life.now))
        life.apply(orjson.dumps(body or NOTHING))
        found += [output.raw for output in life.machine.out]
    return found


def batch(at: int, value: float, **more: Any) -> bytes:
    """One sample of a core, in whatever form."""
    return encode("samples", f"{at}", at, {"gateway": "g", "source": "s", "values": [value], **more})


CORE = ['cpu{core="0"}']
NAME = {"layout": layout_of(CORE)}


def life_of(*said: bytes) -> tuple[Life, list[Output]]:
    """A machine with the rule that heard this, a message a second."""
    life, out = Life(), list[Output]()
    life.put(HIGH)
    for raw in said:
        life.pass_until(life.now + 1_000)
        life.apply(raw)
        out += life.machine.out
    return life, out


def test_a_batch_waits_for_its_list() -> None:
    """What names an unknown list fires nothing and goes to no dead letters; behind the list it is judged."""
    life, out = life_of(batch(START, 9.0, **NAME))
    assert (life.firing("core"), out) == (False, [])
    life, _ = life_of(batch(START, 9.0, **NAME), batch(START + 2_000, 1.0, series=CORE, **NAME))
    assert not life.firing("core")
    life.apply(batch(START + 3_000, 9.0, **NAME))
    assert life.firing("core")


def test_a_forged_name_is_refused_and_changes_nothing() -> None:
    """It lies in the dead letters with its code, and the list that was known stays."""
    life, out = life_of(
        batch(START, 1.0, series=CORE, **NAME), batch(START + 1_000, 9.0, series=["cpu"], **NAME)
    )
    assert [(o.topic, o.code) for o in out if o.reason] == [(DEAD_LETTER, DeadLetterReason.OTHER_LAYOUT)]
    life.apply(batch(START + 2_000, 9.0, **NAME))
    assert life.firing("core")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"layout": "A" * 32}, "`layout` must be"),
        ({"layout": None, "series": CORE}, "`layout` must be"),
        ({"layout": layout_of(["a\nb"]), "series": ["a\nb"]}, "a text in one line"),
        ({"layout": "0" * 32, "series": [1]}, "a text in one line"),
        ({"layout": NAME["layout"], "values": [1.0, 2.0]}, "columns of one table"),
        ({}, "`series` must be list"),
    ],
)
def test_what_is_no_name_is_refused(more: dict[str, Any], words: str) -> None:
    """The reason names the field."""
    _, out = life_of(batch(START, 1.0, series=CORE, **NAME), batch(START + 1_000, 9.0, **more))
    assert [words in output.reason for output in out if output.reason] == [True]


def test_a_list_that_is_long_in_coming_raises_no_alarm_of_its_own() -> None:
    """For three minutes the source counts as heard; who never repeats its list is lost like a silent one."""
    life, lost = Life(), list[int]()
    life.put(HIGH)
    life.apply(batch(START, 1.0, series=CORE))
    for second in range(5, 301, 5):
        life.pass_until(START + 1_000 * second)
        life.apply(batch(START + 1_000 * second, 1.0, **NAME))
        if life.machine.gateway("g").sources["s"].lost:
            lost.append(second)
    assert lost
    assert 180 < lost[0] < 260


def test_lists_are_forgotten_and_rows_with_them() -> None:
    """What is told no more takes no room after an hour."""
    life, _ = life_of(batch(START, 1.0, series=CORE, **NAME))
    assert [key.partition("/")[0] for key in living(life.machine) if key.startswith("layout")] == [
        "layouts",
        "layout",
    ]
    for _ in range(400):
        life.pass_until(life.now + 10_000)
    assert not [key for key in living(life.machine) if key.startswith("layout")]


@pytest.mark.parametrize("seed", range(3))
def test_a_reader_of_the_log_knows_what_detect_knows(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists that are too heavy, too many, too much together or told too long ago: a trial knows the same ones."""
    chance, terms = random.Random(seed), Detect.terms._replace(lists=4, listed=60_000)
    monkeypatch.setattr(layout, "PACKED", 400)
    monkeypatch.setattr(gateway_lists, "BYTES", 900)
    monkeypatch.setattr(layout_memory, "LISTS", terms.lists)
    monkeypatch.setattr(layout_memory, "LISTED", terms.listed)
    life, memory, found = Life(), layout_memory.LayoutMemory(), list[bool]()
    life.machine.terms = terms
    pool = [
        (source, [f"{chance.random()}" for _ in range(size)]) for source in "abcdef" for size in (1, 9, 30)
    ]
    for _ in range(600):
        life.pass_until(life.now + chance.choice([1_000, 1_000, 9_000]))
        source, series = chance.choice(pool)
        name, texts = layout_of(series), {"series": series} if chance.random() < 0.3 else {}
        raw = batch(life.now, 1.0, source=source, layout=name, **texts, values=[1.0] * len(series))
        known = layouts.find(life.machine, "g", source, 0, name) is not None
        if not texts:
            found.append(known)
        with pytest.raises(Unlisted) if not known and not texts else nullcontext():
            memory.read(orjson.loads(raw), life.now)
        life.apply(raw)
    assert min(found.count(known) for known in (True, False)) > 40


def test_a_restart_knows_the_lists() -> None:
    """They are rows, read back as they were."""
    life, _ = life_of(batch(START, 1.0, series=CORE, **NAME))
    machine = Detect("d-0", life.signer, sorted(living(life.machine).items()))
    machine.apply(machine.head.seen + 1, life.now, batch(START + 2_000, 9.0, **NAME))
    assert b"fired" in machine.out[0].raw or b"firing" in machine.out[0].raw


def test_a_gateway_that_only_names_lists_is_forgotten() -> None:
    """As one that has fallen silent: invented names do not fill the roster for good."""
    life = Life()
    body = {"gateway": "ghost", "source": "s", "part": [0, 1], "layout": "0" * 32, "values": [1.0]}
    life.apply(encode("samples", "x", START, body))
    assert "gateway/ghost" in life.machine.rows
    assert life.machine.rows["gateway/ghost"].deadline is not None


def test_the_oldest_list_makes_room() -> None:
    """Many sources tell their lists: who comes last is heard, and who told longest ago is forgotten."""
    life = Life()
    life.machine = Brisk("d-0", life.signer)

    def say(source: str, value: float, tells: bool) -> None:
        series = [f'cpu{{of="{source}"}}']
        body = {
            "gateway": "g",
            "source": source,
            "part": [0, 1],
            "layout": layout_of(series),
            "values": [value],
        }
        life.apply(
            encode("samples", f"{source}{value}", life.now, body | ({"series": series} if tells else {}))
        )

    for n in range(5):
        life.now += 1_000
        say(f"s{n}", 1.0, True)
    told = life.machine.rows["layouts/g"].value.told
    assert len(told) == Brisk.terms.lists
    life.now += 1_000
    say("s4", 2.0, False)
    assert life.machine.rows["gateway/g"].value.sources["s4"].at == life.now
