"""Level `model`: the anomaly models of a gateway's instances in blocks; only instances of anomaly rules have one.

A detector changes in place and is too large to be copied for every savepoint. So what a block holds of a slot never
changes: the bytes of its model and the frames since then. The living model is kept beside that as what they come
to; copies share it, and where a savepoint is restored it is made again from the bytes and the frames.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any, NamedTuple, Self

from streams.errors import DamagedState
from tables.detect.anomaly.anomaly_target import AnomalyTarget
from tables.detect.anomaly.means import NOBODY
from tables.detect.anomaly.model import Model
from tables.detect.anomaly.model_codec import decode, encode
from tables.detect.columns import listed

SIZE = 24
MOST = 64  # frames beside the bytes of a model


# Those before or None, ms, value and members: one more copies none of them.
Frames = tuple[Any, int, float, int]


class Entry(NamedTuple):
    """One slot: whose model, its bytes (empty: it has learned nothing), and the frames that `subject` saw since."""

    identity: str
    saved: bytes
    subject: AnomalyTarget | None = None
    frames: Frames | None = None
    number: int = 0

    def seen(self) -> list[tuple[int, float, int]]:
        """The frames, the oldest first."""
        points, frames = list[tuple[int, float, int]](), self.frames
        while frames is not None:
            frames, at, value, members = frames
            points.append((at, value, members))
        return points[::-1]


class ModelBlock:
    """`entries` by slot; `live`: the model that an entry comes to; `lost`: why models of slots started cold.

    `blind`: the key of the alarm that says of a slot's group that it never is whole; `turned`: slots of which it no
    longer says the truth.
    """

    __slots__ = ("blind", "damage", "entries", "live", "lost", "mine", "turned")

    def __init__(self) -> None:
        """An empty block."""
        self.entries: dict[int, Entry] = {}
        self.live: dict[int, tuple[Entry, Model]] = {}
        self.lost: dict[int, str] = {}
        self.blind: dict[int, str] = {}
        self.turned: tuple[int, ...] = ()
        self.damage = ""  # why the block itself did not read back, until it is said
        self.mine = True  # whether no copy shares the entries

    def copy(self) -> Self:
        """An independent copy: entries are shared until one of the two changes, living models always."""
        twin = type(self).__new__(type(self))
        twin.entries, twin.live = self.entries, self.live
        twin.lost, twin.damage = self.lost, self.damage
        twin.blind, twin.turned = self.blind, self.turned
        twin.mine = self.mine = False
        return twin

    def feed(self, slot: int, subject: AnomalyTarget, at: int, value: float, members: int = NOBODY) -> float:
        """Give one frame's value, and what it is a mean of, to an instance's model; the score that holds now."""
        entry, model = self._of(slot, subject)
        identity, saved, _, frames, number = entry
        try:
            score = model.feed(at, value, members)
            if number < MOST:
                entry = Entry(identity, saved, subject, (frames, at, value, members), number + 1)
            else:
                entry = Entry(identity, encode(model), subject)
        except BaseException:
            self.live.pop(slot, None)  # half a step is no model
            raise
        self._put(slot, entry, model)
        if (slot in self.blind or not isfinite(value)) and model.mute is not (slot in self.blind):
            self.turned = (*self.turned, slot)
        return score

    def forget(self, slots: Iterable[int]) -> None:
        """The block itself did not read back: say so once of all slots that may have been in it."""
        self.lost, self.damage = self.lost | dict.fromkeys(slots, self.damage), ""

    def look(self, slot: int, subject: AnomalyTarget) -> Model | None:
        """The model of an instance, for reading; None where it has none."""
        entry = self.entries.get(slot)
        return (
            None if entry is None or entry.identity != subject.identity else self._model(slot, entry, subject)
        )

    def drop(self, slot: int) -> None:
        """The instance has gone."""
        self._own()
        self.entries.pop(slot, None)
        self.live.pop(slot, None)

    def _of(self, slot: int, subject: AnomalyTarget) -> tuple[Entry, Model]:
        entry = self.entries.get(slot)
        if entry is None or entry.identity != subject.identity:
            return Entry(subject.identity, b""), Model(subject)
        if entry.subject is subject or entry.subject is None or entry.subject == subject:
            return entry, self._model(slot, entry, subject)
        entry = Entry(entry.identity, encode(self._model(slot, entry, subject)))  # its options have changed
        return entry, self._model(slot, entry, subject)

    def _model(self, slot: int, entry: Entry, subject: AnomalyTarget) -> Model:
        held = self.live.get(slot)
        if held is not None and held[0] is entry and (entry.subject or held[1].subject == subject):
            return held[1]  # an entry without a subject is what it comes to for whoever asks, now and anew
        model = self._restored(slot, entry, entry.subject or subject)
        for frame in entry.seen():
            model.feed(*frame)
        self.live[slot] = (entry, model)
        return model

    def _restored(self, slot: int, entry: Entry, subject: AnomalyTarget) -> Model:
        try:
            return decode(entry.saved, subject) if entry.saved else Model(subject)
        except DamagedState as why:
            self.lost[slot] = str(why)
            return Model(subject)

    def _own(self) -> None:
        if not self.mine:
            self.entries, self.mine = dict(self.entries), True

    def _put(self, slot: int, entry: Entry, model: Model) -> None:
        self._own()
        self.entries[slot] = entry
        self.live[slot] = (entry, model)

    def pack(self) -> tuple[Any, bytes]:
        """Slots, identities and lengths as JSON, models as bytes; what was written is where frames begin anew."""
        for slot, entry in list(self.entries.items()):
            if entry.subject is not None and entry.frames:
                model = self._model(slot, entry, entry.subject)
                self._put(slot, Entry(entry.identity, encode(model), entry.subject), model)
        written = sorted(self.entries.items())
        meta = [
            [slot, entry.identity, len(entry.saved), *([self.blind[slot]] if slot in self.blind else [])]
            for slot, entry in written
        ]
        return meta, b"".join(entry.saved for _, entry in written)

    @classmethod
    def unpack(cls, meta: Any, raw: bytes) -> Self:
        """The inverse of `pack`; damage costs the models that it touches, and never the partition."""
        block, at = cls(), 0
        try:
            for slot, identity, length, *blind in map(listed, listed(meta)):
                block.entries[int(slot)] = Entry(str(identity), raw[at : at + int(length)] or b"\0")
                block.blind |= {int(slot): str(key) for key in blind}
                at += int(length)
        except (DamagedState, ValueError, TypeError, OverflowError) as why:
            block.entries, block.blind, block.damage = (
                {},
                {},
                f"a block of models that does not read back: {why}",
            )
        return block
