"""One conversation with a mail server: a mail and its recipients in; who was taken and who was refused out."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiosmtplib import SMTP, SMTPException, SMTPNotSupported, SMTPResponseException

from sinks.http.network import Network
from streams.channels.email import EmailEndpoint

CALL = 10.0  # seconds for the whole conversation
TOO_MANY = 452  # with 4.5.3: the server takes no more recipients in one transaction


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said: three digits and words."""

    code: int
    words: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the server is told of a mail, and the mail. `recipients`: places in the endpoint's list, and addresses."""

    sender: str
    recipients: tuple[tuple[int, str], ...]
    content: bytes
    utf8: bool


@dataclass(slots=True)
class Deliveries:
    """What came of a mail, by the recipients' places in the endpoint's list."""

    taken: list[int] = field(default_factory=list)
    refused: dict[int, Reply] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)  # sent, and no answer came


@asynccontextmanager
async def connected(
    endpoint: EmailEndpoint, network: Network, tls: ssl.SSLContext, greeting: str
) -> AsyncIterator[SMTP]:
    """A session that is encrypted and logged in as the endpoint says; no downgrade where encryption is missing.

    `greeting`: the name that we introduce ourselves by.
    """
    connection = await _connect(endpoint, network)
    session = SMTP(
        hostname=endpoint.host,
        sock=connection,
        use_tls=endpoint.security == "tls",
        start_tls=False,  # below, where its absence can be told from a failure
        tls_context=tls,
        local_hostname=greeting,
        timeout=CALL,
    )
    try:
        await session.connect()
        if endpoint.security == "starttls":
            await _encrypt(session)
        if endpoint.user:
            await session.login(endpoint.user, endpoint.password)
        yield session
    finally:
        if session.is_connected:
            with suppress(SMTPException, OSError, TimeoutError):
                await asyncio.wait_for(session.quit(), 1.0)
        session.close()


async def _encrypt(session: SMTP) -> None:
    await session.ehlo()
    if not session.supports_extension("starttls"):
        raise SMTPNotSupported("it offers no STARTTLS")
    await session.starttls()


async def _connect(endpoint: EmailEndpoint, network: Network) -> socket.socket:
    """A connected socket to the first judged address that answers."""
    loop = asyncio.get_running_loop()
    addresses = await network.addresses(endpoint.host, endpoint.port, endpoint.allow_private, CALL)
    failure: OSError = OSError("no address")
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            async with asyncio.timeout(CALL / len(addresses)):
                await loop.sock_connect(connection, (address, endpoint.port))
        except (OSError, TimeoutError) as why:
            connection.close()
            failure = OSError(str(why) or "no answer in time")
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise failure


async def transact(session: SMTP, envelope: Envelope, deliveries: Deliveries) -> None:
    """Offer the mail to all its recipients, those beyond the server's bound in another turn; `deliveries` is filled."""
    left = list(envelope.recipients)
    while left:
        left = await _transaction(session, envelope, left, deliveries)


async def _transaction(
    session: SMTP, envelope: Envelope, recipients: Sequence[tuple[int, str]], deliveries: Deliveries
) -> list[tuple[int, str]]:
    """One MAIL, RCPT and DATA; who was too many for it."""
    options = ["SMTPUTF8", "BODY=8BITMIME"] if envelope.utf8 else []
    encoding = "utf-8" if envelope.utf8 else "ascii"
    if session.supports_extension("size"):
        options.append(f"SIZE={len(envelope.content)}")
    await session.mail(envelope.sender, options=options, encoding=encoding)
    offered, over = [], []
    for place, address in recipients:
        try:
            await session.rcpt(address, encoding=encoding)
            offered.append(place)
        except SMTPResponseException as why:
            deliveries.refused[place] = Reply(why.code, str(why.message))
            if why.code == TOO_MANY and offered:
                over.append((place, address))
    if not offered:
        with suppress(SMTPException):
            await session.rset()
        return []
    for place, _ in over:
        deliveries.refused.pop(place)
    await _data(session, envelope.content, offered, deliveries)
    return over


async def _data(session: SMTP, content: bytes, offered: list[int], deliveries: Deliveries) -> None:
    deliveries.unknown += offered  # until the server answers: whether the final dot arrived, nobody can say
    try:
        await session.data(content)
    except SMTPResponseException as why:
        deliveries.refused |= {place: Reply(why.code, str(why.message)) for place in offered}
    else:
        deliveries.taken += offered
    del deliveries.unknown[-len(offered) :]
