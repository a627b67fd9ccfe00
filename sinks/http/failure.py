"""What kept an HTTP exchange from its end in, the answer that it gives out; aiohttp's own words may hold an address."""

from __future__ import annotations

import aiohttp

from sinks.outcome import Retry
from streams.outcome_code import OutcomeCode


def failed(why: Exception, place: str, seconds: float) -> Retry:
    """Unreachable where nothing was sent, else unknown. `place`: scheme and host; `seconds`: that the call had."""
    match why:
        case aiohttp.ConnectionTimeoutError():
            return Retry(None, late(place, seconds), OutcomeCode.UNREACHABLE)
        case TimeoutError():
            return Retry(None, late(place, seconds), OutcomeCode.UNKNOWN)
        case aiohttp.ClientConnectorCertificateError():
            return _unreached(place, why.certificate_error)
        case aiohttp.ClientConnectorError():
            return _unreached(place, why.os_error)
        case aiohttp.ClientConnectionError() | aiohttp.ClientPayloadError():
            return Retry(None, f"{place} could not be reached: the connection broke", OutcomeCode.UNKNOWN)
    return Retry(None, f"{place} answered nothing that is HTTP", OutcomeCode.UNKNOWN)


def late(place: str, seconds: float) -> str:
    """What is said of a receiver that takes too long."""
    return f"{place} did not answer within {seconds:.0f} s"


def _unreached(place: str, why: Exception) -> Retry:
    return Retry(None, f"{place} could not be reached: {why}", OutcomeCode.UNREACHABLE)
