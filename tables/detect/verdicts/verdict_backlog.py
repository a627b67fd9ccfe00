"""What blocks have still to publish, and when they do: at once where it is little, else in inputs of their own.

A hundred thousand instances may move in one input, and to say so takes seconds. So a block that has more to
publish than its share waits for a message of the machine to itself that names it and a few others, so few that all
their instances together are no more than a portion, whatever moves in the meantime; and whatever could not be said
because we were away is asked for so too, tick by tick.
"""

from __future__ import annotations

from functools import partial

from streams.messages.bulk import VerdictBacklog
from streams.topics import TELEMETRY
from tables.detect.block_key import INSTANCE
from tables.detect.context import Context
from tables.detect.instances.instances import SIZE
from tables.detect.verdicts import verdicts
from tables.detect.verdicts.pending_blocks import has_pending
from tables.kernel.row import AnyRow as Row

AT_ONCE = 16  # verdicts, at most, that a block says in the input that caused them
PORTION = 1_024  # verdicts, at most, that one input says: a fifth of a second


def publish_or_defer(context: Context, kind: str) -> None:
    """Let the blocks that have little to publish do so now, and ask for the rest, one portion after the other."""
    waiting = [key for key in sorted(context.pending) if _may(context, key)] if context.may_emit else []
    share = _share(context) if waiting else 0
    much = {key for key in waiting if _is_much(context.rows[key], share)}
    for key in waiting:
        if key not in much:
            context.act(key, partial(_publish, context))
    context.backlog.note(context.rows, context.pending)
    if context.backlog.keys and context.may_emit and _is_called_for(context, kind, bool(much)):
        _request_drain(context)


def _share(context: Context) -> int:
    """How many verdicts a block may say at once, so that all blocks together say no more than a portion.

    It depends on how many there were when the input came, which a replay knows; never on what others have to publish,
    which it does not.
    """
    blocks = sum(row.born <= context.offset for row in context.scan(INSTANCE))
    return min(AT_ONCE, max(1, PORTION // blocks))


def _is_called_for(context: Context, kind: str, much: bool) -> bool:
    """Whether a portion has to be asked for: something new is pending, or one that has been said has to have a next.

    A backlog that found nothing to say has a follower already, and a tick asks in any case. On a replay some blocks are
    newer, and what was pending is not known; but then the request was acknowledged.
    """
    return not context.replaying and (much or kind == "tick" or (kind == "backlog" and bool(context.pending)))


def drain(context: Context, backlog: VerdictBacklog) -> None:
    """The blocks that are named publish, each by itself: on a replay some have done so already."""
    for key in backlog.keys if context.may_emit else ():
        if key in context.backlog.keys:
            context.act(key, partial(_publish, context))


def _may(context: Context, key: str) -> bool:
    return key in context.rows and not context.newer(key) and has_pending(context.rows[key])


def _is_much(row: Row, share: int) -> bool:
    return bool(row.value.again) or len(row.value.all_untold()) > share


def _publish(context: Context, key: str) -> None:
    if (row := context.open(key)) is not None:
        context.pending.add(key)
        verdicts.publish(context, row)


def _request_drain(context: Context) -> None:
    id = f"{context.name}!{context.offset}!debt"
    keys = tuple(sorted(context.backlog.keys)[: max(1, PORTION // SIZE)])
    context.emit(TELEMETRY, "", VerdictBacklog(id=id, at=context.clock.now, keys=keys))
