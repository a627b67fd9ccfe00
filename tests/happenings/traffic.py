"""Happenings about requests: errors, tools that fail or are late, limits, refused contents, a gateway that dies."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from deploy.ports import free_port
from tests.happenings.stage import Stage, shown

CALLS = 30
FAILED = 40  # beside all that was asked in the five minutes before
LARGE = 150_000  # bytes; the gateway takes 102 400
NEAR = 0.84  # of the limit
FILL, HOLD = 0.06, 2.0  # seconds between two requests until it is near, and while it stays so
STAYS = 75.0  # seconds: the rule wants a minute
FORBIDDEN = "forbidden"  # what the guard of these tests refuses
LIMIT = "/auth/email/login"


def requests_fail(stage: Stage) -> float:
    """Enough requests, of which some end in 502."""
    address = stage.address()
    for _ in range(100):
        assert stage.ask("GET", "/v1/teams/", address=address).is_success
    body = {"name": "nowhere", "url": f"http://localhost:{free_port()}/mcp", "transport": "STREAMABLEHTTP"}
    for _ in range(FAILED):
        assert stage.ask("POST", "/v1/gateways", body).status_code == 502
    return time.time()


def tools_fail(stage: Stage) -> float:
    """A tool fails whatever it is asked."""
    for number in range(CALLS):
        stage.call("documents-fail", {"words": str(number)})
    return time.time()


def tools_are_late(stage: Stage) -> float:
    """A tool takes longer than the gateway waits."""
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: stage.call("documents-wait", {"seconds": 60}), range(6)))
    return time.time()


def limit_is_exceeded(stage: Stage) -> float:
    """Many addresses are not enough: one client asks for more logins than its tier allows, again and again."""
    for _ in range(4):  # five refusals lock an address out, and are then something else
        address = stage.address()
        for _ in range(15):
            stage.ask("POST", LIMIT, {"email": "a@example.com", "password": "x"}, address, token="")
    return time.time()


def client_is_locked_out(stage: Stage) -> float:
    """A client goes on after it was refused often enough."""
    address = stage.address()

    def look() -> float | None:
        answer = stage.ask("POST", LIMIT, {"email": "a@example.com", "password": "x"}, address, token="")
        return time.time() if "x-lockout-remaining" in answer.headers else None

    return shown(look)


def limit_is_near(stage: Stage) -> float:
    """The bridge's own address comes near its limit, and stays there.

    The limiter counts the last minute: what comes in one burst is forgotten in one moment, and what the bridge asks
    comes on top. So it is filled slowly, and then only held: five refusals would lock the address out.
    """
    first = 0.0
    while not first or time.time() < first + STAYS:
        answer = stage.ask("GET", "/v1/teams/", address="127.0.0.1")
        limit, left = (int(answer.headers.get(f"x-ratelimit-{name}", 1)) for name in ("limit", "remaining"))
        near = 1 - left / limit >= NEAR
        first = first or (time.time() if near else 0.0)
        time.sleep(HOLD if near else 0.0 if first else FILL)
    return first


def content_is_too_large(stage: Stage) -> float:
    """Resources that are larger than the gateway takes."""
    for number in range(6):
        resource = {"uri": f"test://large/{number}", "name": f"large {number}", "content": "x" * LARGE}
        answer = stage.ask("POST", "/v1/resources", {"resource": resource})
        assert answer.is_client_error, answer.text
    return time.time()


def gateway_restarts(stage: Stage) -> float:
    """The gateway's process ends, and another one takes its place."""
    stage.gateway.stop()
    stage.gateway.start()
    return time.time()


def gateway_dies(stage: Stage) -> float:
    """The gateway is ended, and stays away."""
    stage.gateway.stop()
    return time.time()


def calls_are_blocked(stage: Stage) -> float:
    """A plugin refuses calls that hold a forbidden word."""
    for _ in range(12):
        stage.call("documents-search", {"words": FORBIDDEN})
    return time.time()
