"""Ports that servers can come back to."""

from __future__ import annotations

import socket

from deploy.ports import answers, free_port, is_free


def test_a_free_port_is_free_and_no_clients() -> None:
    """It lies below the ports that systems give to clients."""
    port = free_port()
    assert is_free(port)
    assert 20_000 <= port < 32_000
    assert not answers(port)


def test_a_used_port_is_seen() -> None:
    """While a server listens there, and not after."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        assert answers(port)
    assert is_free(port)
