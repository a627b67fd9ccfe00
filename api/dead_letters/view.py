"""A record of the dead-letter topic in, what a person sees of it out: what came, from whom, why not, the fix."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from api.instant import spell
from streams.codes import DeadLetterReason
from streams.messages.dead_letter import code_of_fault, foreign, useless
from streams.topics import STAGES, TELEMETRY

BEGINNING = 300  # characters of the input that a list shows
WHOLE = 262_144  # that one letter shows
SIGNATURE = re.compile(r'"signature":\s*"[^"]*"')
FIELD = re.compile(r"`([^`]{1,100})`")
NOBODY = "not known"
FIXES = {
    DeadLetterReason.REFUSED: "correct what the words name where the input is made; what comes next is taken",
    DeadLetterReason.FORGED: "give the producer its gateway's key (python -m deploy keys --gateway NAME), or find out "
    "who else writes to this topic",
    DeadLetterReason.OTHER_LAYOUT: "restart the producer, so that it sends its list of series again",
    DeadLetterReason.FAILED: "this is a bug of ours: update Tocsin, then send it back",
}
ELSEWHERE = "the API does not write there: `python -m deploy redrive --topic {topic}` sends it back"
SENT = "it was sent back already; if it fails again it is another letter"


class LetterRecord(NamedTuple):
    """One record of the topic as Kafka has it; `at`: when it was written, ms UTC."""

    offset: int
    at: int
    headers: Mapping[str, bytes]
    value: bytes

    def header(self, name: str) -> str:
        """A header as text; empty where there is none."""
        return self.headers.get(name, b"").decode(errors="replace")

    @property
    def code(self) -> DeadLetterReason:
        """Why it is dead; of a letter of before there were codes what follows from whose fault it is."""
        known = {reason.value: reason for reason in DeadLetterReason}
        return known.get(self.header("code")) or code_of_fault(self.header("fault"))


def shown(record: LetterRecord, now: int, sent: bool, whole: bool = False) -> dict[str, Any]:
    """The letter as the API shows it. `sent`: whether it was sent back; `whole`: its input is not only begun."""
    body, reason = _body(record), record.header("reason")
    hindered = hindrance(record, now, sent)
    field = FIELD.search(reason)
    text = SIGNATURE.sub('"signature":"…"', record.value[: WHOLE * 2].decode(errors="replace"))
    return {
        "offset": record.offset,
        "at": spell(record.at),
        "topic": record.header("topic")[:200],
        "partition": record.header("partition")[:20],
        "topic_offset": record.header("offset")[:20],
        "kind": str(body.get("kind", ""))[:40],
        "producer": producer(record, body),
        "code": record.code.value,
        "fault": "ours" if record.code is DeadLetterReason.FAILED else "sender",
        "reason": reason[:1_000],
        "field": field[1] if field else "",
        "fix": FIXES[record.code],
        "input": text[: WHOLE if whole else BEGINNING],
        "bytes": len(record.value),
        "can_be_sent_back": not hindered,
        "why_not": hindered,
    }


def hindrance(record: LetterRecord, now: int, sent: bool) -> str:
    """Why the API does not send this letter back; empty where it does."""
    why = foreign(record.headers) or useless(record.headers, record.value, now)
    if why:
        return why.removeprefix("since ")
    if record.header("topic") not in STAGES.values():
        return ELSEWHERE.format(topic=record.header("topic"))
    return SENT if sent else ""


def producer(record: LetterRecord, body: Mapping[str, Any]) -> str:
    """Who made the input, in words, as far as the input itself tells."""
    if record.header("topic") != TELEMETRY:
        asked = body.get("by")
        name = asked.get("name") if isinstance(asked, Mapping) else None
        return f"{name} through Tocsin"[:200] if isinstance(name, str) else "Tocsin"
    gateway = body.get("gateway") or record.header("key")
    source = body.get("source")
    known = [f"{source} of" if isinstance(source, str) else "", f"gateway {gateway}" if gateway else NOBODY]
    return " ".join(word for word in known if word)[:200]


def _body(record: LetterRecord) -> Mapping[str, Any]:
    """The input as a JSON object; empty where it is none, or was not kept."""
    try:
        read = orjson.loads(record.value)
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) and record.header("whole") == "yes" else {}
