"""What happened and ended while we were away: one notification a team, instead of a page for each alert."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from streams.messages.alert import AlertExcerpt
from tables.kernel.clock import Moment
from tables.respond.alert.excerpt import excerpt
from tables.respond.alert.state import Alert, Facts

GATHER = 5_000  # ms on the active clock
EXCERPTS = 20


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a team's digest. `facts`: of its newest alert, which says whom it goes to; `due_at`: active ms."""

    count: int
    excerpts: tuple[AlertExcerpt, ...]
    facts: Facts
    due_at: int


def add(digest: Digest | None, alert: Alert, moment: Moment) -> Digest:
    """The digest with one more alert that nobody needs to be woken for."""
    short = excerpt(alert)
    facts = replace(alert.facts, routing=(), escalation_policy="", anomaly=None, message="", runbook="")
    if digest is None:
        return Digest(count=1, excerpts=(short,), facts=facts, due_at=moment.active + GATHER)
    return replace(digest, count=digest.count + 1, excerpts=(*digest.excerpts, short)[:EXCERPTS], facts=facts)


def deadline(digest: Digest) -> int | None:
    """When it is sent, ms on the active clock."""
    return digest.due_at
