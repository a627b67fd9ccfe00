"""The certificates of demonstrations and tests satisfy the strictest client there is."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.certificate import Authority


def shake(pem: Path, trusted: Path, host: str) -> None:
    """A handshake in memory, as Python 3.13 does it by default; ssl.SSLError where the client refuses."""
    client = ssl.create_default_context(cafile=str(trusted))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(10):
        for side in list(sides):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            sides.remove(side)
    assert not sides


def test_a_strict_client_believes_them(tmp_path: Path) -> None:
    """From Python 3.13 on every client is strict, and the gateway of a demonstration is one of them."""
    now = datetime.now(UTC)
    authority = Authority.create("test", now)
    pem, trusted = authority.issue(tmp_path / "server.pem", now), authority.write(tmp_path / "authority.pem")
    shake(pem, trusted, "localhost")
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for 'elsewhere'"):
        shake(pem, trusted, "elsewhere")
