"""E-mail under contract: a real mail server takes it, and Python's own parser reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sinks.channel import Channel
from sinks.channels.email.channel import Email
from sinks.channels.resources import Resources
from sinks.outcome import Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode as Code
from tests.sinks.channels.case import HANG_UP, Case, Place, Row
from tests.sinks.channels.email.server import Mail, MailServer

OPS, TOKEN = "ops-duty@example.com", "t0ken-of-unsubscribe"


class MailPlace:
    """A mail server behind the channel; a script is a verb and the reply to it."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def endpoint(self) -> dict[str, Any]:
        """An endpoint that leads here, without encryption, since nothing secret travels."""
        return {
            "name": "ops", "channel": "email", "to": OPS, "sender": "Tocsin <tocsin@example.com>",
            "server": f"127.0.0.1:{self._server.port}", "security": "none", "allow_private": True,
            "unsubscribe": f"https://tocsin.example/{TOKEN}",
        }  # fmt: skip

    def answer(self, script: str) -> None:
        """Say this to its verb, and 250 to all else."""
        verb, _, reply = script.partition(" ")
        self._server.replies = {verb: reply} if script else {}
        self._server.hangs_up = script == HANG_UP

    def messages(self) -> list[Mail]:
        """The mails."""
        return self._server.taken

    def channel(self, shared: Resources) -> Channel:
        """The sender."""
        return Email(shared)


@asynccontextmanager
async def opened() -> AsyncIterator[Place]:
    """A server."""
    async with MailServer().listening() as server:
        yield MailPlace(server)


def oracle(mail: Mail) -> None:
    """No defect, no header that is not ours, lines that every server takes, both bodies with the headline."""
    assert not mail.parsed.defects
    assert mail.recipients == [OPS]
    assert "Bcc" not in mail.parsed
    assert set(mail.parsed.keys()) <= {
        "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "X-Auto-Response-Suppress",
        "Importance", "List-Unsubscribe", "List-Unsubscribe-Post", "From", "To", "MIME-Version", "Content-Type",
        "X-Peer", "X-MailFrom", "X-RcptTo",
    }  # fmt: skip
    assert max(map(len, mail.raw.split(b"\r\n"))) <= 998
    assert "\0" not in mail.text()
    assert "<script" not in mail.text("html")
    assert mail.parsed["Subject"].strip().startswith("[")


CASE = Case(
    place=opened,
    oracle=oracle,
    secrets=(OPS, TOKEN),
    http=False,
    table=(
        Row("DATA 250 OK", Delivered, Code.DELIVERED),
        Row("EHLO 421 4.3.2 closing", Retry, Code.BUSY),
        Row("MAIL 451 4.3.0 later", Retry, Code.BUSY),
        Row("MAIL 452 4.3.1 disk full", Retry, Code.BUSY),
        Row("MAIL 530 5.7.0 authentication required", Rejected, Code.CREDENTIALS),
        Row("MAIL 552 5.3.4 too big", Rejected, Code.REFUSED),
        Row("RCPT 450 4.2.1 greylisted", Retry, Code.BUSY),
        Row("RCPT 550 5.1.1 unknown", Rejected, Code.RECIPIENT),
        Row("RCPT 552 5.2.2 mailbox full", Retry, Code.BUSY),
        Row("RCPT 553 5.1.3 no mailbox", Rejected, Code.RECIPIENT),
        Row("RCPT 550 5.7.1 policy", Rejected, Code.REFUSED),
        Row("DATA 451 4.7.0 later", Retry, Code.BUSY),
        Row("DATA 554 5.7.1 spam", Rejected, Code.REFUSED),
    ),
    identity=lambda mail: mail.parsed["Message-ID"],
)
