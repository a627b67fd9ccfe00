"""Handshakes with one address: the certificate that it shows, and what OpenSSL has against it.

    a target, one of its addresses  →  a look: the certificate, and faults with why

Each question is OpenSSL's own to answer. Where it believes all, one handshake is enough; else one shows the
certificate, one asks about the name alone and one about the chain alone, so that one fault hides no other.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from functools import lru_cache
from socket import SOCK_STREAM
from typing import NamedTuple

from sources.contextforge.cause import unreachable
from sources.prober import certificate
from sources.prober.certificate import Certificate
from sources.prober.target import Target
from streams.errors import Refused

TIMEOUT = 10.0  # seconds for one handshake
ADDRESSES = 16  # of one name, at most
NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which the module `ssl` does not name
OUT_OF_DATE = frozenset({9, 10})  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
AWAY = (OSError, TimeoutError, ValueError)  # ValueError: a name that cannot be said in a handshake


class Look(NamedTuple):
    """What one look at one address brought. `faults`: reason → why, but for what its own dates alone decide."""

    certificate: Certificate | None
    faults: dict[str, str]


async def addresses(target: Target) -> list[str]:
    """All addresses of a target's name, sorted; OSError or ValueError where it has none."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(TIMEOUT):
        infos = await loop.getaddrinfo(target.host, target.port, type=SOCK_STREAM)
    return sorted({str(info[4][0]) for info in infos})[:ADDRESSES]


async def look(target: Target, address: str) -> Look:
    """Shake hands with one address of a target; whatever happens is a value."""
    try:
        context = _context(target.authority)
        try:
            return Look(certificate.read(await _shake(context, target, address)), {})
        except ssl.SSLCertVerificationError as refusal:
            return await _inquired(target, address, refusal)
    except Refused as why:
        return Look(None, {"untrusted": str(why)})
    except AWAY as why:
        return Look(None, {"unreachable": unreachable(why).cause})


async def _inquired(target: Target, address: str, refusal: ssl.SSLCertVerificationError) -> Look:
    """What exactly is wrong with a certificate that is not believed."""
    der = await _shake(_blind(), target, address)
    shown, faults = certificate.read(der), dict[str, str]()
    if await _refused(_of_name(der), target, address):
        faults["wrong_name"] = f"it is not made out to {target.host}"
    if not target.judged:
        return Look(shown, faults)
    if why := await _refused(_of_chain(target.authority), target, address):
        faults["untrusted"] = why.verify_message
    elif refusal.verify_code in OUT_OF_DATE and not any(shown.faults(time.time_ns() // 1_000_000)):
        faults["untrusted"] = "a certificate of its chain has expired, or is not valid yet"
    return Look(shown, faults)


async def _refused(
    context: ssl.SSLContext, target: Target, address: str
) -> ssl.SSLCertVerificationError | None:
    """Why a client of this kind does not believe the certificate; None where it does."""
    try:
        await _shake(context, target, address)
    except ssl.SSLCertVerificationError as why:
        return why
    return None


async def _shake(context: ssl.SSLContext, target: Target, address: str) -> bytes:
    """The certificate that is shown, in DER form; raises what the client has against it."""
    async with asyncio.timeout(TIMEOUT):
        _, writer = await asyncio.open_connection(
            address, target.port, ssl=context, server_hostname=target.host
        )
    shown: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.transport.abort()  # nothing was said that would have to be ended politely
    return shown


@lru_cache(maxsize=64)
def _context(authority: str) -> ssl.SSLContext:
    """A client that trusts the system's certificates and the authority's, as strict under every Python."""
    try:
        context = ssl.create_default_context()
        if authority:
            context.load_verify_locations(cadata=authority)
    except ssl.SSLError as why:
        raise Refused(f"the authority that is to be trusted cannot be read ({why.reason})") from None
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # an authority may stand in the middle of a chain
    return context


@lru_cache(maxsize=64)
def _of_chain(authority: str) -> ssl.SSLContext:
    """A client that asks nothing but whether somebody whom it trusts has signed."""
    context = ssl.create_default_context()
    if authority:
        context.load_verify_locations(cadata=authority)
    context.check_hostname = False
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | NO_CHECK_TIME
    return context


def _of_name(der: bytes) -> ssl.SSLContext:
    """A client that trusts this very certificate at any time, and asks nothing but whether the name is its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=der)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | NO_CHECK_TIME
    return context


@lru_cache(maxsize=1)
def _blind() -> ssl.SSLContext:
    """A client that believes anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
