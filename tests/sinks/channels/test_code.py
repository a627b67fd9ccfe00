"""The code of a notification is opened for the call alone."""

from __future__ import annotations

from cryptography.fernet import Fernet

from sinks.channels.code import CodeUnsealing
from sinks.channels.unseal import Unsealer
from sinks.outcome import Answer, Delivered, Rejected
from streams.messages.attempt import Attempt
from streams.outcome_code import OutcomeCode
from tests.sinks.conftest import MakeAttempt


class Receiver:
    """A channel whose provider repeats in its answer what it was sent."""

    def __init__(self) -> None:
        """Nothing was sent."""
        self.sent: list[Attempt] = []

    async def send(self, attempt: Attempt) -> Answer:
        """Keep it."""
        self.sent.append(attempt)
        return Delivered(f"taken: {attempt.notification.title}")


async def test_the_receiver_reads_the_code_and_nobody_else_does(attempt: MakeAttempt) -> None:
    """It stands in the title of the call; the answer that goes into the record has none of it."""
    key = Fernet.generate_key()
    sealed = f"sealed:{Fernet(key).encrypt(b'482915').decode()}"
    carrying = attempt(title="your code", code=sealed)
    receiver = Receiver()
    answer = await CodeUnsealing(receiver, Unsealer([key.decode()])).send(carrying)
    assert (receiver.sent[0].notification.title, receiver.sent[0].notification.code) == (
        "your code: 482915",
        "",
    )
    assert (type(answer), "482915" in answer.reason) == (Delivered, False)
    foreign = await CodeUnsealing(receiver, Unsealer([Fernet.generate_key().decode()])).send(carrying)
    assert isinstance(foreign, Rejected)
    assert (foreign.code, len(receiver.sent)) == (OutcomeCode.SEALED, 1)


async def test_what_carries_no_code_is_passed_on_as_it_is(attempt: MakeAttempt) -> None:
    """The same attempt, the same answer."""
    receiver = Receiver()
    usual = attempt()
    answer = await CodeUnsealing(receiver, Unsealer([])).send(usual)
    assert (receiver.sent, answer) == ([usual], Delivered(f"taken: {usual.notification.title}"))
