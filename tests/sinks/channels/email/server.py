"""A real mail server in this process (aiosmtpd), which answers as told and keeps what it took."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

# The server's own log shows what it got, which is no log of ours; a filter outlasts what configures logging anew.
logging.getLogger("mail.log").addFilter(lambda _: False)


@dataclass(frozen=True)
class Mail:
    """One mail that was taken. `at`: s UTC."""

    sender: str
    recipients: list[str]
    raw: bytes
    options: list[str]
    at: float = field(default_factory=time.time, compare=False)

    @property
    def parsed(self) -> EmailMessage:
        """As Python's own parser reads it."""
        return message_from_bytes(self.raw, policy=default)

    def text(self, kind: str = "plain") -> str:
        """The body of this kind."""
        part = self.parsed.get_body((kind,))
        assert part is not None
        return cast(str, part.get_content())


@dataclass
class MailServer:
    """The server. `replies`: what it says instead of 250, by verb or by `RCPT <address>`."""

    replies: dict[str, str] = field(default_factory=dict)
    hangs_up: bool = False
    most: int = 100  # recipients in one transaction
    taken: list[Mail] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    @asynccontextmanager
    async def listening(self, tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[MailServer]:
        """Itself on a free port. `tls`: offered by STARTTLS; `options`: of aiosmtpd; `implicit`: TLS from the start."""
        implicit = options.pop("implicit", None)
        loop = asyncio.get_running_loop()

        def protocol() -> SMTP:
            return SMTP(self, enable_SMTPUTF8=options.get("utf8", True), tls_context=tls,
                        require_starttls=tls is not None, hostname="mail.example", loop=loop,
                        authenticator=self._login, auth_require_tls=implicit is None,
                        data_size_limit=options.get("size", 1 << 20))  # fmt: skip

        server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=implicit)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    def _login(self, server: SMTP, session: Session, envelope: Envelope, way: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"right", handled=False)

    async def handle_EHLO(  # noqa: N802  # aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [self.replies["EHLO"]] if "EHLO" in self.replies else responses

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= self.most:
            return "452 4.5.3 too many recipients"
        reply = self.replies.get(f"RCPT {address}", self.replies.get("RCPT", "250 OK"))
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        reply = self.replies.get("DATA", "250 OK queued as 1")
        if reply.startswith("250"):
            content = cast(bytes, envelope.content)
            self.taken.append(
                Mail(str(envelope.mail_from), list(envelope.rcpt_tos), content, list(envelope.mail_options))
            )
        if self.hangs_up:
            cast(asyncio.Transport, server.transport).abort()
        return reply
