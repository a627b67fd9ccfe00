"""Ports of this machine's loopback: which are free, and one that is."""

from __future__ import annotations

import random
import socket

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen there now; connections of a former one that are still dying do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody uses; it is not kept, so take it soon.

    It lies below the range from which systems give ports to clients. A server that comes back to a port of that range
    may find a client there: even one that, trying to reach the dead server, was connected to itself.
    """
    return next(port for port in iter(lambda: random.randrange(20_000, 32_000), None) if is_free(port))


def answers(port: int, within: float = 0.5) -> bool:
    """Whether something accepts connections there."""
    try:
        socket.create_connection((HOST, port), within).close()
    except OSError:
        return False
    return True
