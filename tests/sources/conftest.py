"""A gateway that a test can break: it answers an httpx transport as ContextForge would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from sources.bridge.list_cursor import ListCursor
from sources.contextforge.client import Client

EXPOSITION = "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds 1.5\n"


def upstream(name: str, **changes: Any) -> dict[str, Any]:
    """One entry of GET /v1/gateways."""
    entry = {"id": f"id-{name}", "name": name, "enabled": True, "reachable": True, "status": "active"}
    return entry | {"teamId": "t1", "ownerEmail": "a@example.com"} | changes


def unread(gateway: str, source: str) -> ListCursor:
    """The cursor of a list that is not read, since nobody says how far it was."""
    return ListCursor(gateway, source, lambda _: None)


def lifecycle(active: int = 0, pending: int = 0, deleting: int = 0) -> str:
    """What the gateway's exposition says of how many upstreams it has, whoever may see them."""
    counts = {"pending": pending, "active": active, "deleting": deleting}
    lines = (
        f'gateway_lifecycle_status{{status="{status}"}} {float(count)}\n' for status, count in counts.items()
    )
    return "# TYPE gateway_lifecycle_status gauge\n" + "".join(lines)


@dataclass
class Clock:
    """Time that passes when the test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    def milliseconds(self) -> int:
        return int(self.now * 1000)


@dataclass
class ScriptedGateway:
    """Answers by path; an exception as an answer is raised, a list is answered one after the other."""

    clock: Clock
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    def says(self, path: str, status: int, body: Any = None, **headers: str) -> None:
        """From now on `path` answers so; text or JSON."""
        content = {"text": body} if isinstance(body, str) else {"json": body}
        self.answers[path] = httpx.Response(status, headers=headers, **content)

    def lists(self, *entries: dict[str, Any]) -> None:
        """These are its upstreams."""
        self.says("/v1/gateways", 200, {"gateways": list(entries), "nextCursor": None})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.get(request.url.path, httpx.Response(404, json={"detail": "Not Found"}))
        answer = answer.pop(0) if isinstance(answer, list) else answer
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def paths(self) -> list[str]:
        """What was asked so far."""
        return [request.url.path for request in self.asked]


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def gateway(clock: Clock) -> ScriptedGateway:
    """A gateway that is well, with one upstream."""
    fake = ScriptedGateway(clock)
    fake.says("/health", 200, {"status": "healthy"})
    fake.says("/ready", 200, {"status": "ready", "status_items": []})
    fake.says("/metrics/prometheus", 200, EXPOSITION)
    fake.lists(upstream("search"))
    fake.says(
        "/v1/teams/", 200, {"teams": [{"id": "t1", "name": "Payments", "slug": "payments"}], "total": 1}
    )
    fake.says("/v1/auth/email/me", 200, {"email": "bridge@example.com", "is_admin": False})
    fake.says("/v1/rbac/my/permissions", 200, ["gateways.read"])
    fake.says("/v1/auth/email/admin/events", 200, [])
    return fake


@pytest.fixture
async def client(gateway: ScriptedGateway, clock: Clock) -> AsyncIterator[Client]:
    """A client of that gateway."""
    made = Client("http://gateway.test/", lambda: "secret", clock, transport=httpx.MockTransport(gateway))
    yield made
    await made.close()
