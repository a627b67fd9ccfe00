"""What is said to a running product: over Kafka, as by a producer of one's own; over HTTP, as by a gateway."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from tests.acceptance.product import Product

LOGINS = "/v1/auth/email/admin/events"


class Producer:
    """A producer of somebody else, who knows the manual and a client of Kafka."""

    def __init__(self, product: Product) -> None:
        """Connect to the broker of an installation: where it listens stands in `tocsin.json`."""
        self._port = json.loads((product.folder / "data" / "tocsin.json").read_text())["port"]

    def say(self, *messages: Mapping[str, Any]) -> None:
        """Put messages on `telemetry`, keyed by their gateway, in this order."""
        asyncio.run(self._say(messages))

    async def _say(self, messages: tuple[Mapping[str, Any], ...]) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=f"127.0.0.1:{self._port}", linger_ms=20)
        await producer.start()
        try:
            batch = [
                await producer.send("telemetry", orjson.dumps(message), key=message["gateway"].encode())
                for message in messages
            ]
            await asyncio.gather(*batch)
        finally:
            await producer.stop()

    def samples(self, gateway: str, series: Mapping[str, float], at: int = 0) -> None:
        """One frame. `at`: ms; now if left out."""
        self.say(frame(gateway, series, at))


def frame(gateway: str, series: Mapping[str, float], at: int = 0, source: str = "test") -> dict[str, Any]:
    """The samples of one instant as the manual spells them (docs/gateway.md)."""
    columns = {"series": list(series), "values": list(series.values())}
    return {"kind": "samples", "gateway": gateway, "source": source, "at": at or now()} | columns


def happening(gateway: str, type: str, id: str, **labels: str) -> dict[str, Any]:
    """An event as the manual spells it (docs/emit.md)."""
    told = {"kind": "event", "id": id, "at": now(), "schema": 1, "gateway": gateway, "source": "emit/test"}
    return told | {"type": type, "labels": labels}


def now() -> int:
    """Milliseconds since 1970 at this instant."""
    return int(time.time() * 1_000)


class Gateway:
    """What answers the bridge as ContextForge does (docs/gateway.md); a test changes what it says.

    `upstreams`: name → reachable; `metrics`: exposition text; `remaining`: of a hundred requests a minute; `logins`:
    its log of them, the newest first; `asked`: the paths that it was asked, one after the other.
    """

    def __init__(self) -> None:
        """Listen on a free port; all is well."""
        self.upstreams: dict[str, bool] = {"search": True}
        self.metrics, self.remaining = "", 99
        self.logins: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def answer(self, path: str) -> Any:
        """What it says to a question; None where it does not know it."""
        self.asked.append(path)
        entries = [
            {"id": f"id-{name}", "name": name, "enabled": True, "reachable": up, "status": "active"}
            for name, up in self.upstreams.items()
        ]
        return {
            "/health": {"status": "healthy"},
            "/ready": {"status": "ready", "status_items": []},
            "/v1/gateways": {"gateways": entries, "nextCursor": None},
            "/v1/teams/": {"teams": [], "total": 0},
            "/v1/auth/email/me": {"email": "bridge@example.com", "is_admin": True},
            "/v1/rbac/my/permissions": ["*"],
            LOGINS: self.logins,
            "/metrics/prometheus": f"process_start_time_seconds 1.5\n{self.metrics}",
        }.get(path)

    def refuse(self, user: str, ip: str) -> None:
        """Somebody has given a wrong password."""
        at = datetime.now(UTC).replace(tzinfo=None).isoformat()
        row = {"id": len(self.logins) + 1, "timestamp": at, "user_email": user, "event_type": "login"}
        self.logins.insert(
            0, row | {"success": False, "ip_address": ip, "failure_reason": "Invalid password"}
        )

    def die(self) -> None:
        """Nobody listens any more."""
        self._server.shutdown()
        self._server.server_close()


def _answering(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer by path."""
            said = gateway.answer(self.path.partition("?")[0])
            body = said.encode() if isinstance(said, str) else orjson.dumps(said)
            self.send_response(200 if said is not None else 404)
            self.send_header("X-RateLimit-Limit", "100")
            self.send_header("X-RateLimit-Remaining", str(gateway.remaining))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    return Answering


def watched(product: Product, gateway: Gateway, name: str) -> None:
    """`tocsin connect`, as often asked as may be."""
    token = product.folder / f"{name}.token"
    token.write_text("a-token\n")
    token.chmod(0o600)
    done = product.run(
        "connect", gateway.address, "--name", name, "--token-file", str(token), "--interval", "2s"
    )
    assert done.code == 0, done.text
