"""`/v1/dead-letters`: what could not be handled, why, and back to where it came from after a mend."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from api.commands.answer import found
from api.dead_letters.store import LetterSpan
from api.dead_letters.view import LetterRecord, hindrance, shown
from api.dependencies import Dependencies, Deps, Who
from api.words import words
from streams.access import Permission, require
from streams.codes import DeadLetterReason, RefusalCode
from streams.documents.document import PLATFORM
from streams.errors import Refused
from streams.messages.command import Principal

router = APIRouter(prefix="/v1/dead-letters", tags=["system"])
LAST = 1 << 53
STRETCH = 200  # letters that one answer looks at, where not all of them are meant
Offset = Annotated[int, Path(ge=0, le=LAST)]


class Meant(BaseModel):
    """Which letters. `before`: as `next` of the answer before says."""

    model_config = ConfigDict(extra="forbid", str_max_length=200)
    topic: str = ""
    code: str = ""
    q: str = ""
    before: int | None = Field(default=None, ge=0, le=LAST)
    limit: int = Field(default=20, ge=1, le=100)

    @property
    def codes(self) -> list[str]:
        """The codes that are meant, all where none is; Refused names one that there is not."""
        return words(self.code, tuple(DeadLetterReason), "code")

    def means(self, record: LetterRecord) -> bool:
        """Whether a letter is meant; `q` stands in its reason, its topic or its input."""
        texts = (record.header("reason"), record.header("topic"), record.value.decode(errors="replace"))
        return (
            self.topic in ("", record.header("topic"))
            and record.code in (self.codes or tuple(DeadLetterReason))
            and (not self.q or any(self.q.lower() in text.lower() for text in texts))
        )


@router.get("")
async def listed(deps: Deps, who: Who, asked: Annotated[Meant, Query()]) -> dict[str, Any]:
    """The newest letters first; `kept`: how many there are in all, `looked_at`: how many this answer has looked at."""
    require(who, Permission.HANDLE_DEAD_LETTERS, PLATFORM)
    narrowed = bool(asked.topic or asked.codes or asked.q)
    span = await deps.dead_letters.before(asked.before, STRETCH if narrowed else asked.limit)
    return await run_in_threadpool(_page, span, asked, deps.now(), deps.dead_letters.sent)


def _page(span: LetterSpan, asked: Meant, now: int, sent: Collection[int]) -> dict[str, Any]:
    """Those of a span that are meant; beside the event loop, since each may hold a quarter of a megabyte."""
    records = span.records[::-1]
    meant = [record for record in records if asked.means(record)]
    cut = len(meant) > asked.limit
    last = meant[asked.limit - 1] if cut else records[-1] if records else None
    more = last is not None and last.offset > span.begin
    return {
        "items": [shown(record, now, record.offset in sent) for record in meant[: asked.limit]],
        "next": last.offset if last and more else None,
        "kept": span.end - span.begin,
        "looked_at": len(records),
    }


@router.get("/{offset}")
async def one(deps: Deps, who: Who, offset: Offset) -> dict[str, Any]:
    """One letter with its input as it came."""
    record = await _record(deps, who, offset)
    return shown(record, deps.now(), offset in deps.dead_letters.sent, whole=True)


@router.post("/{offset}/send-back")
async def send_back(deps: Deps, who: Who, offset: Offset) -> dict[str, Any]:
    """Put its input to where it came from, to be handled again; refused where that would bring nothing."""
    record = await _record(deps, who, offset)
    if why := hindrance(record, deps.now(), offset in deps.dead_letters.sent):
        raise Refused(f"letter {offset} is not sent back: {why}", RefusalCode.CONFLICT)
    await deps.dead_letters.send_back(record)
    return {"offset": offset, "topic": record.header("topic"), "status": "sent_back"}


async def _record(deps: Dependencies, who: Principal, offset: int) -> LetterRecord:
    require(who, Permission.HANDLE_DEAD_LETTERS, PLATFORM)
    span = await deps.dead_letters.before(offset + 1, 1)
    record: LetterRecord = found(
        next((kept for kept in span.records if kept.offset == offset), None), f"letter {offset}"
    )
    return record
