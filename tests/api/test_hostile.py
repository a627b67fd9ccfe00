"""Any request, of anybody, costs the event loop little: what it does there is counted, function call by function call.

Bodies are read by libraries in C, in time that is linear in their length; what could be otherwise is our own code, and
each of its calls counts. Work beside the event loop is bounded by the sizes of bodies, and keeps nobody waiting.
"""

from __future__ import annotations

import time

import pytest

from api.dependencies import Dependencies
from api.http.app import create
from tests.api.conftest import ADMIN, MEMBER
from tests.api.hostile import LARGEST, MOST, Calls, answered, pushed, requests

PARAMETER = 2_000  # characters; `python -m tests.bench hostile` takes all there can be
ALL = list(requests(LARGEST, PARAMETER))


@pytest.mark.parametrize("path", sorted({request.path for request in ALL}))
async def test_calls(dependencies: Dependencies, path: str) -> None:
    """No hostile request makes its route do much on the event loop, and each answer says why by its status."""
    app, token = create(dependencies), dependencies.tokens.issue(MEMBER, int(time.time()), 600)
    mine = [request for request in ALL if request.path == path]
    await answered(app, token, mine[0])  # what is loaded and made ready at first is no request's cost
    for request in mine:
        with Calls() as calls:
            status, body = await answered(app, token, request)
        assert calls.count < MOST, request.kind
        assert status in range(200, 500), (request.kind, body[:200])
        assert len(body) < 20_000, request.kind


async def test_pushed(dependencies: Dependencies) -> None:
    """Metrics of whoever may send them are read beside the event loop, and refused where they hold too much."""
    app, token = create(dependencies), dependencies.tokens.issue(ADMIN, int(time.time()), 600)
    every = list(pushed(LARGEST))
    await answered(app, token, *every[0])  # as above
    for request, headers in every:
        with Calls() as calls:
            status, body = await answered(app, token, request, headers)
        assert calls.count < MOST, (request.path, request.kind)
        assert status in range(200, 500), (request.path, request.kind, body[:200])
        assert len(body) < 2_000, (request.path, request.kind)


def test_the_count_counts() -> None:
    """What grows with the square of a body is seen, and so is what is called once for each of its bytes."""
    with Calls() as calls:
        for _ in range(1_000):
            callable(None)
    assert 1_000 <= calls.count < 1_100
