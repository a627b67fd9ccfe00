"""A detect machine alone, to which time passes by ticks: for tests that hold it against a plain model."""

from __future__ import annotations

from typing import Any

from streams.documents import registry
from streams.messages.config import ConfigRevision
from streams.messages.envelope import Message
from streams.messages.tick import Tick
from streams.signature import Signer, bound
from tables.detect.instances.lifecycle import State
from tables.detect.machine import Detect
from tables.world import KEY
from tests.tables.detect.naive import EVERY

START = 1_764_547_200_000


class Life:
    """A detect machine alone, to which time passes by ticks."""

    def __init__(self) -> None:
        """It has been told that nothing is configured."""
        self.signer = Signer([KEY])
        self.machine, self.now = Detect("d-0", self.signer), START
        self.tell(
            ConfigRevision(id="end", at=0, owner="", type="", name="", revision=0, body=None, complete=True)
        )

    def apply(self, raw: bytes) -> None:
        """One message."""
        self.machine.apply(self.machine.head.seen + 1, self.now, raw)

    def tell(self, said: Message) -> None:
        """One message of ours."""
        self.apply(self.signer.sign(said.encode(), bound(said.kind, "telemetry")))

    def pass_until(self, at: int) -> None:
        """Time passes, ms."""
        while self.now < at:
            self.now = min(at, self.now + 1_000 * EVERY)
            self.tell(Tick(id=f"t{self.now}", at=self.now, processed=self.now))

    def put(self, rule: dict[str, Any], revision: int = 1) -> None:
        """A rule comes or changes."""
        body = registry.read("rule", rule).body()
        of = {"owner": "platform", "type": "rule", "name": rule["name"]}
        self.tell(ConfigRevision(id=f"r{revision}", at=0, revision=revision, body=body, **of))

    def firing(self, text: str) -> bool:
        """Whether the instance fires that has this in its key."""
        row = self.machine.rows.get("instance/g/00000")
        block = row.value if row else None
        slots = [slot for slot, (_, key) in enumerate(block.keys if block else ()) if text in key]
        assert len(slots) < 2
        return bool(slots) and block is not None and int(block.state[slots[0]]) == State.FIRING
