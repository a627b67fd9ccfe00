"""The gateways that a partition knows: how many there may be, and one alert for many of them that fall silent.

Names of gateways come from outside, and each costs a row and, when it falls silent, an alert. So there is a bound,
whose alert comes shortly before; and of gateways that nobody registered a few are told of one by one, all others
together. The row lies downstream of all entries: on a replay it may be newer than the message, so each name keeps the
offset that let it in.
"""

from __future__ import annotations

from hashlib import blake2b

from msgspec.structs import replace

from streams.documents.document import PLATFORM
from streams.errors import Refused
from streams.messages.envelope import Severity
from streams.messages.verdict import Verdict, Verdicts
from streams.topics import INBOX
from tables.detect.context import Context
from tables.detect.health.state import Roster
from tables.detect.levels import GATEWAY, ROSTER
from tables.kernel.alarm import Alarm
from tables.kernel.row import AnyRow as Row

OWNER = "!gateways"
KEY = ROSTER.key(OWNER)
NEAR, CLEAR, FREE = 0.9, 0.85, 0.95  # of a bound: warned of; over; no longer refused
BOUND, SILENT = "gateway-bound", "gateways-silent"
ALONE = 20  # sources of unregistered gateways whose silence is told one by one
NAMED = 5  # gateways that the alert about many names


def admit(context: Context, gateway: str) -> Refused | None:
    """Why a gateway that is not known yet is not taken up; None where it is known, or is taken up now."""
    entry = context.rows.get(GATEWAY.key(gateway))
    if entry is not None and not entry.dead:
        return None
    most, mark = context.terms.gateways, mark_of(gateway)
    names = (context.get(ROSTER, OWNER) or Roster()).names
    room = names.get(mark) == context.offset if context.newer(KEY) else len(names) < most
    if not room:
        return Refused(
            f"gateway {gateway!r:.60} is not taken up: {context.name} knows {most} already. What is not heard for more "
            "than a day is forgotten; let producers sign (TOCSIN_REQUIRE_SIGNED_PRODUCERS), or use more partitions"
        )
    if (row := _open(context)) is not None:
        row.value = replace(row.value, names=row.value.names | {mark: context.offset})
        _tell_bound(context, row)
    return None


def forget(context: Context, gateway: str) -> None:
    """A gateway is gone: there is room for another one."""
    if (row := _open(context)) is None:
        return
    names = {mark: offset for mark, offset in row.value.names.items() if mark != mark_of(gateway)}
    row.value = replace(row.value, names=names)
    _tell_bound(context, row)


def fell_silent(context: Context, gateway: str, verdict: Verdict) -> None:
    """A source of an unregistered gateway is lost: its verdict is told, or counted in the one about many."""
    if (row := _open(context)) is None:
        return
    if len(row.value.alone) < ALONE:
        row.value = replace(row.value, alone=tuple(sorted({*row.value.alone, verdict.fingerprint})))
        _say(context, row, verdict)
        return
    many = dict(row.value.many)
    many[mark_of(gateway)] = many.get(mark_of(gateway), 0) + 1
    named = row.value.named
    row.value = replace(row.value, many=many, named=named if gateway in named else (*named, gateway)[:NAMED])
    _tell_silent(context, row)


def spoke_again(context: Context, gateway: str, verdict: Verdict) -> None:
    """It is heard again, or waited for no more."""
    if (row := _open(context)) is None:
        return
    if verdict.fingerprint in row.value.alone:
        alone = tuple(known for known in row.value.alone if known != verdict.fingerprint)
        row.value = replace(row.value, alone=alone)
        _say(context, row, verdict)
        return
    many, mark, named = dict(row.value.many), mark_of(gateway), row.value.named
    many[mark] = many.get(mark, 0) - 1
    if many[mark] <= 0:
        del many[mark]
        named = tuple(name for name in named if name != gateway)
    row.value = replace(row.value, many=many, named=named)
    _tell_silent(context, row)


def nearness(share: float, before: Severity | None) -> Severity | None:
    """How bad it is that so large a share of a bound is taken; it is over only well below."""
    if share >= (FREE if before == "critical" else 1.0):
        return "critical"
    return "warning" if share >= (CLEAR if before else NEAR) else None


def mark_of(gateway: str) -> str:
    """The mark of a gateway's name, by which the row knows it."""
    return blake2b(gateway.encode(), digest_size=5).hexdigest()


def _open(context: Context) -> Row | None:
    """The row, for writing; None where it is newer than the message."""
    row = context.open(KEY)
    if row is not None and row.value is None:
        row.value = Roster()
    return row


def _tell_bound(context: Context, row: Row) -> None:
    most, count, before = context.terms.gateways, len(row.value.names), row.value.severity
    now = nearness(count / most, before)
    if now == before:
        return
    row.value = replace(row.value, severity=now)
    held = "has room for new gateways again"
    if now is not None:
        refused = "soon new ones will be refused" if now == "warning" else "new ones are refused"
        held = f"knows {count} gateways, {most} being the bound: {refused}"
    why = "names that nobody uses are forgotten when they have not been heard for more than a day"
    _alarm(context, row, BOUND, f"{context.name} {held}", why, now)


def _tell_silent(context: Context, row: Row) -> None:
    """Tell of many at once: when there are any, when they are twice as many, and when there are none."""
    count, told = len(row.value.many), row.value.told
    if told < count < 2 * told or (count and count <= told):
        return
    row.value = replace(row.value, told=count)
    some = ", ".join(row.value.named)
    gateways = "gateway" if count == 1 else "gateways"
    have = "has" if count == 1 else "have"
    words = f"{count} more {gateways} that nobody registered {have} fallen silent, as {some}"
    if not count:
        words = "The many gateways that had fallen silent are heard again, or forgotten"
    why = f"besides {ALONE} that are told of one by one; a name that nobody uses is forgotten after more than a day"
    _alarm(context, row, SILENT, words[:500], why, "warning" if count else None)


def _alarm(context: Context, row: Row, rule: str, words: str, why: str, severity: Severity | None) -> None:
    turn = row.value.turns.get(rule, context.clock.now // 1_000) + 1
    row.value = replace(row.value, turns=row.value.turns | {rule: turn})
    alarm = Alarm(rule, "tocsin", context.name, words, why, severity)
    _say(context, row, alarm.verdict(turn, context.clock.now))


def _say(context: Context, row: Row, verdict: Verdict) -> None:
    team, why = PLATFORM, "watches Tocsin itself"
    id, at = context.next_id(row), context.clock.now
    context.emit(INBOX, team, Verdicts(id=id, at=at, team=team, why_team=why, verdicts=[verdict]))
