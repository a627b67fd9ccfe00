"""What every machine does with what it cannot handle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from streams.codes import DeadLetterReason
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Message
from streams.messages.tick import Tick
from streams.signature import Signer, bound
from streams.topics import DEAD_LETTER, INBOX, STAGES
from tables.deliver.levels import LEVELS
from tables.deliver.machine import Deliver
from tables.kernel.configuration import Configured
from tables.kernel.level import Level
from tables.kernel.output import Output
from tables.kernel.row import AnyRow, Quarantine
from tables.world import KEY
from tests.tables.kernel.harness import Thing, due

START = 1_764_547_200_000


class OddMessage(Message, frozen=True, tag="odd"):
    """Asks for a row."""

    row: str = ""


ODD = Level("odd", Thing, due)


class Odd(Deliver):
    """A machine with a row that fails, and one that never advances."""

    levels: ClassVar[tuple[Level[Any], ...]] = (*LEVELS, ODD)  # type: ignore[assignment]
    reads: ClassVar[Mapping[str, type[Message]]] = {**Deliver.reads, "odd": OddMessage}

    def on_odd(self, message: OddMessage) -> None:
        """A row is due a moment from now."""
        row = self.open(ODD.key(message.row))
        assert row is not None
        row.value = Thing(1, self.clock.active + 1)

    def on_deadline(self, row: AnyRow) -> None:
        """Fail, or want to be looked at in the past."""
        if row.key == "odd/fails":
            row.value = Thing(2, self.clock.active + 5_000)
            raise RuntimeError("poison")
        row.value = Thing(2, self.clock.active)


class Mended(Odd):
    """The machine once its fault has been found."""

    def on_deadline(self, row: AnyRow) -> None:
        """All is well."""
        row.value = Thing(3)


def machine(kind: type[Configured] = Odd) -> Configured:
    """A machine that has been ticked."""
    made = kind("p-0", Signer([KEY]))
    tell(made, Tick(id="t", at=START, processed=START))
    return made


def tell(machine: Configured, said: Message, stamp: int = START) -> list[Output]:
    """Apply one signed message."""
    raw = Signer([KEY]).sign(said.encode(), bound(said.kind, STAGES[machine.stage]))
    return machine.apply(machine.head.seen + 1, stamp, raw)


def test_a_failing_row_waits_in_quarantine() -> None:
    """It is tried again after ever longer pauses, its reason kept, its platform told."""
    odd = machine()
    tell(odd, OddMessage(id="o", at=START, row="fails"))
    waits = []
    for second in range(1, 8):
        out = tell(odd, Tick(id="t", at=START, processed=START + second * 1_000), START + second * 1_000)
        waits += [second] if [o for o in out if o.topic == DEAD_LETTER] else []
    assert waits == [1, 3, 7]
    row = odd.rows["odd/fails"]
    assert row.quarantine == Quarantine(3, "RuntimeError: poison", odd.clock.active + 8_000)
    assert (row.deadline, row.value) == (row.quarantine.retry_at, Thing(1, 1))


def test_a_deadline_that_does_not_advance_is_a_failure() -> None:
    """A row that would be due for ever is quarantined too."""
    odd = machine()
    tell(odd, OddMessage(id="o", at=START, row="hasty"))
    out = tell(odd, Tick(id="t", at=START, processed=START + 1_000), START + 1_000)
    assert [o.reason for o in out if o.reason] == ["ours: ValueError: a deadline that does not advance"]
    assert [o.code for o in out if o.reason] == [DeadLetterReason.FAILED]


def test_a_row_that_succeeds_leaves_quarantine() -> None:
    """What failed is forgotten, and what it holds says again when it is due."""
    odd = machine()
    tell(odd, OddMessage(id="o", at=START, row="fails"))
    tell(odd, Tick(id="t", at=START, processed=START + 1_000), START + 1_000)
    row = odd.rows["odd/fails"]
    assert row.quarantine is not None
    odd = Mended("p-0", Signer([KEY]), [(key, raw) for key, raw in odd.snapshot() if raw])
    tell(odd, Tick(id="t", at=START, processed=START + 4_000), START + 4_000)
    assert (odd.rows["odd/fails"].quarantine, odd.rows["odd/fails"].deadline) == (None, None)


def test_what_is_dead_lettered_raises_an_alert() -> None:
    """Internal messages always do, outsiders' do not."""
    out = machine().apply(1, START, b'{"kind":"surprise"}')
    assert [o.topic for o in out] == [DEAD_LETTER, INBOX]
    assert "does not understand messages of kind 'surprise'" in out[0].reason
    assert out[0].code is DeadLetterReason.REFUSED
    assert [o.topic for o in machine().apply(1, START, b'{"kind":"event"}')] == [DEAD_LETTER]


def config(revision: int, body: dict[str, Any] | None, type: str = "endpoint") -> ConfigRevision:
    """A revision of a document."""
    return ConfigRevision(id="c", at=START, owner="t", type=type, name="n", revision=revision, body=body)


def test_the_highest_revision_wins() -> None:
    """Whatever the order in which revisions come, and a delete is one of them."""
    made, body = machine(Deliver), {"name": "n", "team": "t", "channel": "log"}
    for revision, text in ((2, body), (1, None), (2, None)):
        tell(made, config(revision, text))
    assert (made.revision("t", "endpoint", "n"), len(list(made.of("endpoint")))) == (2, 1)
    tell(made, config(3, None))
    assert (made.revision("t", "endpoint", "n"), len(list(made.of("endpoint")))) == (3, 0)
    assert made.revision("t", "endpoint", "other") == 0


@pytest.mark.parametrize("said", [config(1, {}, "endpont"), config(1, {"name": "n", "chanel": "log"})])
def test_a_document_that_does_not_fit_is_refused(said: ConfigRevision) -> None:
    """It goes to the dead letters, and the older revision stands."""
    made = machine(Deliver)
    assert [o.topic for o in tell(made, said)] == [DEAD_LETTER, INBOX]
    assert list(made.of("endpoint")) == []
