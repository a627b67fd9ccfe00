"""An output of a machine: one message for one topic, under an id that a replay gives again."""

from __future__ import annotations

from typing import NamedTuple

from streams.codes import DeadLetterReason


class Output(NamedTuple):
    """`key`: chooses the partition; none, on a machine's own input topic: back to this very machine.

    `raw`: the signed bytes; a dead letter has none of its own, but a `reason` and its `code`: the shell
    adds the input's bytes.
    """

    topic: str
    key: str
    id: str
    raw: bytes
    reason: str = ""
    code: DeadLetterReason | None = None
