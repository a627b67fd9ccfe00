"""Codes that are sent to a person and have to come back: what is remembered of them, and what an answer makes of it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from streams.calendar.duration import spell
from streams.codes import RefusalCode
from streams.errors import Refused

LASTS = 900_000  # ms that a code may be sent back
ATTEMPTS = 5  # wrong answers to one code
OFTEN, WITHIN = 5, 3_600_000  # codes of a person within so many ms


class SentCode(msgspec.Struct, frozen=True):
    """One code on its way. `proof`: tells it from others and says it to nobody; `expires_at`: ms UTC."""

    method: str
    proof: str
    expires_at: int
    attempts: int = 0


class ContactCodes(msgspec.Struct, frozen=True):
    """The row of a person: the newest code of each method, and when codes were sent, ms UTC."""

    waiting: tuple[SentCode, ...] = ()
    sent: tuple[int, ...] = ()


class CodeAnswer(NamedTuple):
    """What an answer made of the codes; `refusal`: why it confirms nothing."""

    after: ContactCodes
    refusal: Refused | None = None


def deadline(codes: ContactCodes) -> int | None:
    """When nothing of it counts any more, ms UTC."""
    return max((at + WITHIN for at in codes.sent), default=0)


def sent(codes: ContactCodes | None, method: str, proof: str, now: int) -> ContactCodes:
    """The codes with a new one, in place of an older one of its method; Refused where too many have been sent."""
    known = codes or ContactCodes()
    lately = tuple(at for at in known.sent if at > now - WITHIN)
    if len(lately) >= OFTEN:
        wait = spell(max(1, (lately[0] + WITHIN - now) // 1_000) * 1_000)
        raise Refused(f"{OFTEN} codes were sent within {spell(WITHIN)}: wait {wait}", RefusalCode.OVERLOADED)
    others = tuple(code for code in known.waiting if code.method != method and code.expires_at > now)
    return ContactCodes((*others, SentCode(method, proof, now + LASTS)), (*lately, now))


def answered(codes: ContactCodes | None, method: str, proof: str, now: int) -> CodeAnswer:
    """What an answer makes of the codes: the right one is used up, a wrong one counts, and several void the code."""
    known = codes or ContactCodes()
    code = next((code for code in known.waiting if code.method == method and code.expires_at > now), None)
    if code is None:
        words = f"no code for {method} is waited for: it lasts {spell(LASTS)}; have a new one sent"
        return CodeAnswer(known, Refused(words, RefusalCode.CODE_EXPIRED))
    others = tuple(other for other in known.waiting if other is not code)
    if code.proof == proof:
        return CodeAnswer(replace(known, waiting=others))
    tried = replace(code, attempts=code.attempts + 1)
    left = ATTEMPTS - tried.attempts
    if left <= 0:
        words = f"wrong for the {ATTEMPTS}th time: this code is void, have a new one sent"
        return CodeAnswer(replace(known, waiting=others), Refused(words, RefusalCode.CODE_EXPIRED))
    words = f"this is not the code that was sent: {left} attempt{'' if left == 1 else 's'} left"
    return CodeAnswer(replace(known, waiting=(*others, tried)), Refused(words, RefusalCode.CODE_WRONG))
