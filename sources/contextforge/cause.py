"""Why nothing answered, in one word, from the exceptions of httpx and below; and what broke a task of ours."""

from __future__ import annotations

import re
import socket
import ssl
import traceback
from collections.abc import Iterator
from pathlib import Path

import httpx

from sources.contextforge.answer import Cause, Unreachable

_CAUSES: tuple[tuple[type[BaseException], Cause], ...] = (
    (ssl.SSLError, "tls"),
    (ssl.CertificateError, "tls"),
    (socket.gaierror, "dns"),
    (ConnectionRefusedError, "refused"),
    (ConnectionResetError, "reset"),
    (BrokenPipeError, "reset"),
    (httpx.TimeoutException, "timeout"),
    (TimeoutError, "timeout"),
    (httpx.RemoteProtocolError, "reset"),
    (httpx.ProtocolError, "protocol"),
    (httpx.UnsupportedProtocol, "protocol"),
)
_WORDS: tuple[tuple[str, Cause], ...] = (
    ("ssl", "tls"),
    ("certificate", "tls"),
    ("name or service not known", "dns"),
    ("name resolution", "dns"),
    ("nodename nor servname", "dns"),
    ("all connection attempts failed", "refused"),
    ("refused", "refused"),
)
_WHERE = re.compile(r" ?\(_ssl\.c:\d+\)")  # the line of OpenSSL's binding means nothing to anybody


def unreachable(why: BaseException) -> Unreachable:
    """The cause that lies deepest; where the exceptions were wrapped into text, by that text."""
    chain = list(_chain(why))
    words = _WHERE.sub("", str(chain[-1])) or type(chain[-1]).__name__
    for link in reversed(chain):
        for kind, cause in _CAUSES:
            if isinstance(link, kind):
                return Unreachable(cause, words)
    text = " ".join(str(link) for link in chain).lower()
    for word, cause in _WORDS:
        if word in text:
            return Unreachable(cause, words)
    return Unreachable("network", words)


def broken_by(why: BaseException | None) -> str:
    """What ended a task that ends by cancellation only: the kind of the error below groups of them, and its line."""
    while isinstance(why, BaseExceptionGroup):
        why = why.exceptions[0]
    if why is None:
        return "it ended by itself"
    frames = traceback.extract_tb(why.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(why).__name__}{where}"


def _chain(why: BaseException | None) -> Iterator[BaseException]:
    while why is not None:
        yield why
        inner = why.exceptions[0] if isinstance(why, BaseExceptionGroup) else None
        why = inner or why.__cause__ or why.__context__
