"""Anomaly models in rows: any crash, any rollback, any damage, and they judge as if nothing had happened."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.messages.config import ConfigRevision
from streams.messages.envelope import Body
from streams.signature import Signer
from streams.telemetry.samples import frame
from streams.topics import CONFIG
from tables.detect.anomaly.anomaly_target import AnomalyTarget
from tables.detect.anomaly.model import Model
from tables.detect.anomaly.model_block import SIZE, Entry, ModelBlock
from tables.detect.anomaly.model_codec import encode
from tables.detect.machine import Detect
from tables.kernel.level import Level
from tables.kernel.row import LARGEST_ROW, Row
from tables.world import KEY
from tests.tables.detect.harness import START, asked
from tests.tables.torture import faults, living, logs, plain

SEEDS = (1, 2, 4)
known_logs = cache(logs)


def values(count: int, seed: int = 1) -> list[tuple[int, float]]:
    """Frames half a minute apart."""
    rnd = random.Random(seed)
    return [(START + 30_000 * n, rnd.gauss(50, 5)) for n in range(count)]


def fed(block: ModelBlock, frames: list[tuple[int, float]], of: AnomalyTarget | None = None) -> list[float]:
    """The scores that a block gives to slot 0."""
    return [block.feed(0, of or asked(), at, value) for at, value in frames]


class Stumbling(Detect):
    """Every fifth input of samples fails as a whole, after all of its work."""

    def on_samples(self, message: Body) -> None:
        super().on_samples(message)
        if self.offset % 5 == 0:
            raise RuntimeError("stumbled")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", [Detect, Stumbling])
def test_torture(kind: type[Detect], seed: int) -> None:
    """However often it dies within its write-outs, and whatever fails, models and verdicts are those of a calm run."""
    log = known_logs(seed, unusual=True)["detect"]
    undisturbed = plain(kind, log)
    assert any(b'"anomaly":{' in output.raw for output in undisturbed[0])
    assert faults(kind, log, seed, undisturbed=undisturbed) == []


def test_a_look_binds_nobody() -> None:
    """What is looked at after a restart and then edited or dismissed is judged as if nobody had looked."""
    block, frames = ModelBlock(), values(200)
    fed(block, frames[:150])
    looked, other = (ModelBlock.unpack(*block.pack()) for _ in range(2))
    looked.look(0, asked())
    after = asked(above=0.9, direction="down")._replace(dismissed=(frames[140][0],))
    assert fed(looked, frames[150:], after) == fed(other, frames[150:], after)
    assert looked.pack() == other.pack()


def test_models_of_a_deleted_rule_are_dropped() -> None:
    """They are of no use to anybody, and a rule of that name that comes later learns anew."""
    signer, machine = Signer([KEY]), Detect("d", Signer([KEY]))

    def say(raw: bytes, at: int = START) -> None:
        assert [one.reason for one in machine.apply(machine.head.seen + 1, at, raw) if one.reason] == []

    def rule(revision: int, body: dict[str, Any] | None, complete: bool = False) -> None:
        name: dict[str, Any] = dict.fromkeys(("owner", "type", "name"), "")
        name |= {} if complete else {"owner": "platform", "type": "rule", "name": "r"}
        said = ConfigRevision(
            id=f"{revision}", at=START, revision=revision, body=body, complete=complete, **name
        )
        say(signer.sign(said.encode(), CONFIG))

    def models() -> list[str]:
        for _ in range(2):  # a row dies in two write-outs
            machine.snapshot()
        return [key for key in machine.rows if key.startswith("model/")]

    rule(1, {"name": "r", "anomaly": "cpu"})
    rule(0, None, complete=True)
    for raw in frame("g", "s", START, ["cpu"], [9.0]):
        say(raw)
    assert models() == ["model/g/00000"]
    rule(2, None)
    assert models() == []


def test_rows_read_back() -> None:
    """Every row of models reads back from its bytes as it was, and is small enough."""
    rows = plain(Detect, known_logs(1, unusual=True)["detect"])[1]
    assert any(key.startswith("model/") for key in rows)
    assert living(Detect("p-0", Signer([KEY]), sorted(rows.items()))) == rows


@given(cuts=st.lists(st.integers(1, 60), max_size=4), lost=st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_no_save_and_no_rollback_changes_a_bit(cuts: list[int], lost: int) -> None:
    """Saved at any place, and with frames taken back after any other, a model goes on bit for bit."""
    frames = values(200)
    straight, block = ModelBlock(), ModelBlock()
    fed(straight, frames)
    for n, (at, value) in enumerate(frames):
        if n % lost == 0:
            fed(block.copy(), [(at, value * 9), (at + 60_000, 0.0)])
        if n in cuts:
            block = ModelBlock.unpack(*block.pack())
        block.feed(0, asked(), at, value)
    assert block.pack() == straight.pack()


def test_what_was_said_raises_the_bar_and_is_taken_back_without_a_trace() -> None:
    """After a dismissal a spike counts for less, a week later for more again; once it is taken back, as before."""
    frames = values(300)
    plain, told, back = ModelBlock(), ModelBlock(), ModelBlock()
    said = asked()._replace(dismissed=(frames[-1][0],))
    for block in (plain, told, back):
        fed(block, frames)
    fed(told, [(frames[-1][0] + 60_000, 90.0)], said)
    fed(plain, [(frames[-1][0] + 60_000, 90.0)])
    back.feed(0, said, frames[-1][0], 0.0)  # an old frame: nothing but what was said
    fed(back, [(frames[-1][0] + 60_000, 90.0)])
    scores = [
        model.trail.points()[-1].score for block in (plain, told, back) if (model := block.look(0, asked()))
    ]
    assert scores[0] == scores[2] > scores[1]
    assert plain.pack()[1] == back.pack()[1]


def test_another_revision_keeps_what_was_learned_another_signal_does_not() -> None:
    """A new threshold is no reason to forget; a rule that reads something else starts cold."""
    block = ModelBlock()
    fed(block, values(100))
    before = block.entries[0].identity
    fed(block, [(START + 10**7, 50.0)], asked(sensitivity="high"))
    model = block.look(0, asked(sensitivity="high"))
    assert model is not None
    assert model.detector.rows > 40
    fed(block, [(START + 2 * 10**7, 50.0)], asked(kind="latency"))
    model = block.look(0, asked(kind="latency"))
    assert model is not None
    assert (model.detector.rows, block.entries[0].identity == before) == (0, False)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_damage_starts_cold_and_says_so(data: st.DataObject) -> None:
    """Whatever is left of a row, its block judges on; a model that was touched says why it has forgotten."""
    block = ModelBlock()
    fed(block, values(50))
    meta, raw = block.pack()
    cut = bytearray(raw[: data.draw(st.integers(0, len(raw)))])
    for place in data.draw(st.lists(st.integers(0, max(len(cut) - 1, 0)), max_size=3)) if cut else ():
        cut[place] ^= 1 << data.draw(st.integers(0, 7))
    again = ModelBlock.unpack(meta, bytes(cut))
    assert 0 <= again.feed(0, asked(), START + 10**7, 50.0) <= 1
    assert bool(again.lost) == (bytes(cut) != raw)


@pytest.mark.parametrize(
    "meta", [None, {}, 5, "abc", [[0]], [[0, "x", "y"]], [["a", 1, 2]], [[0, "x", -5]], [[0, [], {}]]]
)
def test_a_block_without_its_list_starts_cold(meta: object) -> None:
    """Even where the list of slots is damaged, only what was learned is lost."""
    again = ModelBlock.unpack(orjson.loads(orjson.dumps(meta)), b"\1\2\3")
    assert again.feed(0, asked(), START, 50.0) == 0


def test_a_damaged_model_is_told_and_stops_nobody() -> None:
    """A machine with damaged models goes on, with a warning that names the rule and the series."""
    log = known_logs(2, unusual=True)["detect"]
    half, machine = len(log) // 2, Detect("p-0", Signer([KEY]))
    for offset, record in enumerate(log[:half]):
        machine.apply(offset, *record)
    rows = {key: raw for key, raw in machine.snapshot() if raw}
    rows |= {key: raw[:-1] + b"?" for key, raw in rows.items() if key.startswith("model/")}
    again = Detect("p-0", Signer([KEY]), rows.items())
    said = [out.raw for offset in range(half, len(log)) for out in again.apply(offset, *log[offset])]
    assert any(b"tocsin-model-lost" in raw and b"has forgotten what is usual for" in raw for raw in said)


def test_a_damaged_block_is_told_once_of_each_that_was_in_it() -> None:
    """Whatever comes later was never known, so nobody says that it was forgotten."""
    block = ModelBlock.unpack(None, b"")
    assert block.damage
    block.forget([0, 3])
    assert sorted(block.lost) == [0, 3]
    block.lost = {}
    fed(block, values(3))
    assert (block.damage, block.lost) == ("", {})


def test_a_full_row_is_small_enough() -> None:
    """The largest models with the longest trails fit into a row that Kafka takes."""
    block, model = ModelBlock(), Model(asked(over="1h"))
    for n in range(600):
        model.feed(START + 3_600_000 * n, random.Random(n).gauss(50, 50))
    for at in range(8):
        model.detector.bar.heighten(at)
    model.saved = b""
    for slot in range(SIZE):
        block.entries[slot] = Entry(asked().identity, encode(model))
    assert len(Row("model/g/00000", block).encode(Level("model", ModelBlock))) < LARGEST_ROW


def turned(block: ModelBlock, frames: list[tuple[int, float]]) -> bool:
    """Whether a block has something new to say of the group of slot 0, after these frames."""
    block.turned = ()
    fed(block, frames)
    return len(block.turned) == 1


def test_a_group_that_never_is_whole_says_so_until_it_is() -> None:
    """After ten minutes of frames without a value, once; what was said is kept, and a gap is none of it."""
    block, nothing, at = ModelBlock(), float("nan"), START + 300_000
    assert not turned(block, [*values(10), *((at + 30_000 * n, nothing) for n in range(20))])
    assert turned(block, [(at + 30_000 * 20, nothing)])
    block.blind = {0: "r|cpu"}
    again = ModelBlock.unpack(*block.pack())
    assert again.blind == block.blind
    assert not turned(again, [(at + 30_000 * 21, nothing)])
    assert turned(again, [(at + 30_000 * 22, 50.0)])
    assert not turned(ModelBlock(), [*values(10), (START + 10**7, nothing)])
