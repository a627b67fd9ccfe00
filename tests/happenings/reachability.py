"""Happenings about upstreams: they die, come back, flap, cannot be registered, are added and deleted."""

from __future__ import annotations

import time

from deploy.ports import free_port
from tests.happenings.stage import Stage

KILLED, FLAPPING, PASSING = "weather", "tickets", "passing"
TIMES = 3  # gone and back: as often as the shipped rule wants
DAYS = 20  # until the certificate of an upstream ends


def dies(stage: Stage) -> float:
    """An upstream is killed, and the gateway has noticed."""
    stage.upstreams[KILLED].process.kill()
    return stage.reachable(KILLED, False)


def comes_back(stage: Stage) -> float:
    """It runs again, and the gateway has noticed."""
    stage.upstreams[KILLED].start()
    return stage.reachable(KILLED, True)


def flaps(stage: Stage) -> float:
    """An upstream goes and comes three times, each time noticed."""
    upstream, at = stage.upstreams[FLAPPING], 0.0
    for _ in range(TIMES):
        upstream.process.kill()
        stage.reachable(FLAPPING, False)
        upstream.start()
        at = stage.reachable(FLAPPING, True)
    return at


def is_refused(stage: Stage) -> float:
    """Somebody registers an MCP server where nobody listens."""
    body = {"name": "nobody", "url": f"http://localhost:{free_port()}/mcp", "transport": "STREAMABLEHTTP"}
    answer = stage.ask("POST", "/v1/gateways", body)
    assert answer.status_code == 502, answer.text
    return time.time()


def is_deleted(stage: Stage) -> float:
    """An upstream is added, and deleted again."""
    id = stage.register(stage.upstreams.get(PASSING) or stage.serve(stage.gateway.python, PASSING))
    answer = stage.ask("DELETE", f"/v1/gateways/{id}")
    assert answer.is_success, answer.text
    return time.time()


def certificate_ends(stage: Stage) -> float:
    """An upstream shows a certificate that ends in twenty days."""
    upstream = stage.encrypted("vault", DAYS)
    stage.register(upstream)
    return stage.reachable("vault", True)
