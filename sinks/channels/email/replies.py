"""What a mail server's replies mean: who has the mail, who may get it later, what a person must change."""

from __future__ import annotations

from sinks.channels.email.session import Deliveries, Reply
from sinks.channels.text import cut, line
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode

CREDENTIALS = frozenset({530, 534, 535, 538})
WORDS = 120  # characters of a server's words in a reason


def answer_of(place: str, count: int, deliveries: Deliveries, before: frozenset[int], key: str) -> Answer:
    """The answer for a mail to `count` recipients. `before`: who had it already; `key`: the notification's.

    While somebody may still get it, the answer is a retry whose reference says who has it: nobody gets it twice.
    """
    taken = len(before) + len(deliveries.taken)
    if deliveries.unknown:
        words = f"{place} took the mail and then said nothing"
        return Retry(None, words, OutcomeCode.UNKNOWN, remembered(key, before | set(deliveries.taken)))
    waiting = [reply for reply in deliveries.refused.values() if passes(reply)]
    if waiting:
        words = f"{place} put off {len(waiting)} of {count} recipients: {spoken(waiting[0])}"
        return Retry(None, words, OutcomeCode.BUSY, remembered(key, before | set(deliveries.taken)))
    if not taken:
        return _refused(place, next(iter(deliveries.refused.values())))
    if deliveries.refused:
        first = next(iter(deliveries.refused))
        words = f"{place} took it for {taken} of {count}; recipient {first + 1}: {spoken(deliveries.refused[first])}"
        return Delivered(words)
    return Delivered(f"{place} took it for {count} recipient{'s' * (count > 1)}")


def _refused(place: str, reply: Reply) -> Rejected:
    words = f"{place} refused it: {spoken(reply)}"
    if reply.code in CREDENTIALS:
        return Rejected(f"{words}; check the endpoint's `user` and `password`", OutcomeCode.CREDENTIALS)
    if reply.code == 552 or reply.words.startswith("5.3.4"):
        return Rejected(f"{words}; the mail is larger than the server takes", OutcomeCode.REFUSED)
    if reply.code == 554 or reply.words.startswith("5.7"):
        return Rejected(
            f"{words}; the server's policy forbids it: its operator has to allow it", OutcomeCode.REFUSED
        )
    return Rejected(f"{words}; check the endpoint's `to` and `sender`", OutcomeCode.RECIPIENT)


def passes(reply: Reply) -> bool:
    """Whether the same may be taken later: what is 4xx, and a mailbox that is full."""
    return 400 <= reply.code < 500 or (reply.code == 552 and reply.words.startswith("5.2.2"))


def failure(place: str, reply: Reply) -> Answer:
    """The answer where the server refuses the whole conversation."""
    if passes(reply):
        return Retry(None, f"{place} cannot take mail now: {spoken(reply)}", OutcomeCode.BUSY)
    return _refused(place, reply)


def spoken(reply: Reply) -> str:
    """A reply in a reason: its number and its words, without what looks like an address."""
    words = " ".join("…@…" if "@" in word else word for word in line(reply.words).split())
    return f"{reply.code} {cut(words, WORDS)}"


def remembered(key: str, taken: frozenset[int] | set[int]) -> str:
    """Who has the mail of this notification, as a reference: `<key>:0,2`; empty for nobody."""
    return f"{key}:{','.join(map(str, sorted(taken)))}" if taken else ""


def recalled(key: str, reference: str) -> frozenset[int]:
    """Who has the mail already, by the reference of an earlier attempt of the same notification."""
    of, _, places = reference.partition(":")
    words = places.split(",") if of == key else []
    return frozenset(int(word) for word in words if word.isascii() and word.isdigit())
