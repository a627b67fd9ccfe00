"""The passing of time, as a message."""

from __future__ import annotations

from streams.messages.envelope import Message


class Tick(Message, frozen=True, kw_only=True, tag="tick"):
    """Time, injected by the owner of a partition; `processed`: the stamp of the last record it had applied."""

    processed: int
    by: str = ""
    to: str = ""  # the machine that it is for, such as detect-0; empty: any
