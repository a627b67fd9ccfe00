"""What models say of themselves: that one was lost, and that a group never is whole, so that silence is not calm."""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

from streams.calendar.duration import spell
from streams.documents.document import PLATFORM
from streams.messages.verdict import Verdicts
from streams.topics import INBOX
from tables.detect.anomaly.anomaly_target import AWAITED, AnomalyTarget
from tables.detect.anomaly.model_block import ModelBlock
from tables.detect.context import Context
from tables.kernel.alarm import Alarm
from tables.kernel.row import AnyRow as Row

Find = Callable[[int], AnomalyTarget | None]
BLIND = "group-incomplete"


def say(context: Context, row: Row, gateway: str, find: Find) -> None:
    """Say what the models of a block have to say; `find` gives the instance of a slot."""
    block: ModelBlock = row.value
    lost, turned = block.lost, block.turned
    block.lost, block.turned = {}, ()
    for slot, why in sorted(lost.items()):
        if (subject := find(slot)) is not None:
            _tell(context, row, _lost(gateway, subject, why))
    for slot in sorted(turned):
        if slot in block.blind:
            withdraw(context, row, gateway, slot)
        elif (subject := find(slot)) is not None:
            block.blind = block.blind | {slot: _key(subject)}
            _tell(context, row, _blind(gateway, subject))


def withdraw(context: Context, row: Row, gateway: str, slot: int) -> None:
    """The group of a slot is whole again, or of no interest any more."""
    block: ModelBlock = row.value
    if (key := block.blind.get(slot)) is not None:
        block.blind = {other: cause for other, cause in block.blind.items() if other != slot}
        words = f"The anomaly rule {key.partition('|')[0]} is no longer blind on {gateway}"
        why = "all of its series came in one frame, or it was changed"
        _tell(context, row, Alarm(BLIND, gateway, key, words, why, None))


def _key(subject: AnomalyTarget) -> str:
    """Two teams may call their rules alike; what is learned tells them apart."""
    return f"{subject.rule}|{subject.key}|{crc32(subject.identity.encode()):08x}"


def _lost(gateway: str, subject: AnomalyTarget, why: str) -> Alarm:
    of = subject.key or "all series"
    words = f"The anomaly rule {subject.rule} has forgotten what is usual for {of} on {gateway}"
    reason = f"{why}; it learns anew, and says nothing until it has enough history"
    return Alarm("model-lost", gateway, _key(subject), words[:500], reason)


def _blind(gateway: str, subject: AnomalyTarget) -> Alarm:
    of = subject.key or "all series"
    words = (
        f"The anomaly rule {subject.rule} is blind for {of} on {gateway}: its series never come in one frame"
    )
    reason = (
        f"for {spell(AWAITED)} each frame has lacked some of them, as where several sources that are not in step send "
        "them; add a label that tells the sources apart to `by`, or let one source send them all"
    )
    return Alarm(BLIND, gateway, _key(subject), words[:500], reason)


def _tell(context: Context, row: Row, alarm: Alarm) -> None:
    verdict = alarm.verdict(context.offset + 1, context.clock.now, {"rule": alarm.key.partition("|")[0]})
    id, at, why = context.next_id(row), context.clock.now, "watches Tocsin itself"
    context.emit(INBOX, PLATFORM, Verdicts(id=id, at=at, team=PLATFORM, why_team=why, verdicts=[verdict]))
