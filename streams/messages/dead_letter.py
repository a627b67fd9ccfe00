"""Dead letters: an input that could not be handled, with all that is needed to understand and to re-drive it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import NamedTuple

import orjson

from streams.codes import DeadLetterReason
from streams.errors import Forged, NewerSchema, OtherLayout, Refused
from streams.messages.envelope import decode
from streams.messages.tick import Tick
from streams.topics import DEAD_LETTER, MANIFEST, STAGES, TOPICS, changelog

LARGEST = 256 * 1024  # bytes of an input that is kept whole
REASON = 1_000  # characters
WHOLE, BEFORE, TOO_LARGE = b"yes", b"before", b"no"  # an input's bytes are in this letter, another, or none
QUARANTINED = re.compile(r"[^!]*![0-9]+![0-9]/.*", re.DOTALL)  # machine!offset!row, where a row failed
BACK = frozenset(topic.name for topic in TOPICS) - {DEAD_LETTER, MANIFEST, *map(changelog, STAGES)}
OLD = 600_000  # ms after which samples are no longer sent back


class Origin(NamedTuple):
    """The record that could not be handled, as Kafka knows it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes


class Letter(NamedTuple):
    """One record of the dead-letter topic."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def letter(
    origin: Origin, id: str, fault: str, reason: str, first: bool = True, code: DeadLetterReason | None = None
) -> Letter:
    """The input's own bytes, or what identifies them where they are too many, with the reason and whose fault it is.

    One input can fail in hundreds of ways: the `first` letter of it holds its bytes, the others what identifies it.
    Where no `code` is given it follows from the fault.
    """
    where = f"{origin.topic}/{origin.partition}/{origin.offset}"
    whole = first and len(origin.value) <= LARGEST
    headers = [
        ("topic", origin.topic.encode()),
        ("partition", str(origin.partition).encode()),
        ("offset", str(origin.offset).encode()),
        ("id", id.encode()),
        ("fault", fault.encode()),
        ("code", (code or code_of_fault(fault)).encode()),
        ("reason", reason[:REASON].encode()),
        ("whole", WHOLE if whole else BEFORE if not first else TOO_LARGE),
    ]
    if origin.key is not None:
        headers.append(("key", origin.key))
    return Letter(where.encode(), origin.value if whole else _identified(origin), headers)


def fault(why: Exception) -> str:
    """Whose fault a failure is, as a letter says it."""
    return "sender" if isinstance(why, Refused) else "ours"


def code_of_fault(fault: str) -> DeadLetterReason:
    """Why an input is dead, where only its fault is known."""
    return DeadLetterReason.REFUSED if fault == "sender" else DeadLetterReason.FAILED


def dead_letter_reason(why: Exception) -> DeadLetterReason:
    """The code of what was raised."""
    if isinstance(why, Forged):
        return DeadLetterReason.FORGED
    if isinstance(why, OtherLayout):
        return DeadLetterReason.OTHER_LAYOUT
    return code_of_fault(fault(why))


def foreign(headers: Mapping[str, bytes]) -> str:
    """Why a record of the dead-letter topic is no letter that we wrote; empty where it may be one."""
    if missing := {"topic", "partition", "offset", "reason"} - headers.keys():
        return f"since it is no letter of ours: it has no `{min(missing)}`"
    topic, partition = headers["topic"].decode(errors="replace"), headers["partition"]
    if topic not in BACK or not partition.isdigit():
        return f"since nothing is sent back to {topic!r:.80}/{partition!r:.20}"
    return ""


def useless(headers: Mapping[str, bytes], value: bytes | None, now: int) -> str:
    """Why it would bring nothing to send this letter back; empty where it may. `now`: ms UTC."""
    if (held := headers.get("whole")) != WHOLE:
        elsewhere = "another letter before it holds the same input"
        lost = "only its hash was kept; read it at its origin while that is retained"
        return f"since {elsewhere if held == BEFORE else lost}"
    if QUARANTINED.fullmatch(headers.get("id", b"").decode(errors="replace")):
        return "since it is a row that failed: it waits in quarantine, and is tried again by itself"
    try:
        message = decode(value or b"")
    except (Refused, NewerSchema):
        return ""
    if message["kind"] == Tick.__struct_config__.tag:
        return "since it was a tick: time goes on by itself"
    at = message.get("at")
    if message["kind"] == "samples" and isinstance(at, int) and at < now - OLD:
        return "since its samples are older than 10 minutes: they would be judged as if they were of now"
    return ""


def _identified(origin: Origin) -> bytes:
    identity = {
        "sha256": hashlib.sha256(origin.value).hexdigest(),
        "length": len(origin.value),
        "offset": origin.offset,
    }
    return orjson.dumps(identity)
