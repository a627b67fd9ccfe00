"""The dead letters as a test sees them: those that it puts there, and what was sent back."""

from __future__ import annotations

from api.dead_letters.store import LetterSpan
from api.dead_letters.view import LetterRecord
from streams.errors import Unavailable
from streams.messages.dead_letter import Origin, letter
from streams.messages.envelope import encode

AT = 1_764_000_000_000
EVENT = encode("event", "e1", AT, {"gateway": "prod", "source": "guard"})


def letter_of(
    offset: int, value: bytes = EVENT, topic: str = "telemetry", reason: str = "event: `type` is missing",
    fault: str = "sender",
) -> LetterRecord:  # fmt: skip
    """A letter of an input, as a stage writes it."""
    made = letter(Origin(topic, 0, offset * 10, b"prod", value), "detect-0!7!", fault, reason)
    return LetterRecord(offset, AT, dict(made.headers), made.value)


class Letters:
    """One partition of letters; `away`: why nobody answers."""

    def __init__(self) -> None:
        """There is none."""
        self.records: list[LetterRecord] = []
        self.sent: set[int] = set()
        self.back: list[LetterRecord] = []
        self.away = ""

    async def before(self, offset: int | None, count: int) -> LetterSpan:
        """The last of them before an offset."""
        if self.away:
            raise Unavailable(self.away)
        begin = self.records[0].offset if self.records else 0
        end = self.records[-1].offset + 1 if self.records else 0
        some = [one for one in self.records if offset is None or one.offset < offset]
        return LetterSpan(some[-count:], begin, end)

    async def send_back(self, record: LetterRecord) -> None:
        """Keep it."""
        self.back.append(record)
        self.sent.add(record.offset)
