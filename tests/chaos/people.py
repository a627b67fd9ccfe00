"""People who act through the API while it is killed: they acknowledge, resolve and edit, and insist on an answer.

Each command has a name of its own as its author and an Idempotency-Key; a request that brought no answer is sent
again under the same key, to the other API process, as a careful client does. What was answered is remembered.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from api.auth.token import Tokens
from streams.messages.command import Principal
from tests.chaos.ground import TOKEN_KEY

PEOPLE = 3
ACTS = ("acknowledge",) * 3 + ("resolve",) * 2 + ("edit",) * 3 + ("create", "delete")
BETWEEN = (0.5, 2.5)  # seconds that one of them rests
AGAIN = 0.3  # seconds between two requests for the same thing


@dataclass
class Asked:
    """One command as its author saw it. `subject`: the alert's id, or kind/name; `statuses`: answers, 0 for none."""

    key: str
    by: str
    do: str
    subject: str
    began: float
    statuses: list[int] = field(default_factory=list)
    final: str = ""  # accepted, refused, or empty: never told
    ended: float = 0.0


class People:
    """`asked`: every command; `addresses`: of the API's processes."""

    def __init__(self, addresses: Sequence[str], seed: int) -> None:
        """Nobody acts yet."""
        self._addresses, self._random = addresses, random.Random(seed)
        self._tokens = Tokens([TOKEN_KEY])
        self._count = 0
        self.asked: list[Asked] = []

    async def run(self, stopped: Callable[[], bool]) -> None:
        """Act until told to stop; what was begun is ended."""
        async with httpx.AsyncClient(timeout=6.0, trust_env=False) as self._http:
            await asyncio.gather(*(self._act_always(stopped) for _ in range(PEOPLE)))

    async def _act_always(self, stopped: Callable[[], bool]) -> None:
        while not stopped():
            await asyncio.sleep(self._random.uniform(*BETWEEN))
            do = self._random.choice(ACTS)
            await (self._on_alert(do) if do in ("acknowledge", "resolve") else self._on_rule(do))

    async def _on_alert(self, do: str) -> None:
        status = "firing" if do == "acknowledge" else "firing,acknowledged"
        shown = await self._look(f"/v1/alerts?status={status}&limit=20")
        if shown and shown["items"]:
            alert = self._random.choice(shown["items"])
            asked = self._new(do, alert["id"])
            body = {"notes": asked.key} if do == "resolve" else None
            await self._insist(asked, "POST", f"/v1/alerts/{alert['id']}/{do}", body)

    async def _on_rule(self, do: str) -> None:
        if do == "create":
            asked = self._new(do, f"rule/r{self._count + 1}")
            await self._insist(asked, "POST", "/v1/rules", _rule(asked))
            return
        shown = await self._look("/v1/rules")
        mine = [one for one in (shown or {"items": []})["items"] if one["name"].startswith("r")]
        if not mine:
            return
        rule = self._random.choice(mine)
        asked = self._new(do, f"rule/{rule['name']}")
        if do == "edit":
            await self._insist(asked, "PUT", f"/v1/rules/{rule['id']}", rule | {"runbook": asked.key})
        else:
            await self._insist(asked, "DELETE", f"/v1/rules/{rule['id']}", None, str(rule["revision"]))

    def _new(self, do: str, subject: str) -> Asked:
        self._count += 1
        key = f"{do}-{self._count}-{self._random.randrange(10**9)}"
        self.asked.append(Asked(key, f"person-{self._count}", do, subject, time.time()))
        return self.asked[-1]

    async def _insist(self, asked: Asked, method: str, path: str, body: Any, match: str = "") -> None:
        """Send it until it is decided."""
        headers = {"Idempotency-Key": asked.key} | ({"If-Match": match} if match else {})
        while True:
            status, _ = await self._send(method, path, asked.by, body, headers)
            asked.statuses.append(status)
            if status == 202 and self._random.random() < 0.5:
                status = await self._decision(asked)
            if status in (200, 201, 204) or 400 <= status < 500:
                asked.final = "accepted" if status < 300 else "refused"
                asked.ended = time.time()
                return
            await asyncio.sleep(AGAIN)

    async def _decision(self, asked: Asked) -> int:
        """Look for a while whether it has been decided; the status as if that had been the answer."""
        for _ in range(10):
            shown = await self._look(f"/v1/commands/{asked.key}", asked.by)
            if shown and shown["status"] != "pending":  # pending: nobody has confirmed that Kafka has it
                return 200 if shown["status"] == "accepted" else 422
            await asyncio.sleep(AGAIN)
        return 0

    async def _look(self, path: str, by: str = "onlooker") -> Any:
        status, shown = await self._send("GET", path, by)
        return shown if status == 200 else None

    async def _send(
        self, method: str, path: str, by: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """The status and the body of an answer; 0 where none came."""
        token = self._tokens.issue(Principal(name=by, admin=True), int(time.time()), 3_600)
        address = self._random.choice(self._addresses)
        try:
            answer = await self._http.request(
                method,
                address + path,
                json=body,
                headers={"Authorization": f"Bearer {token}", **(headers or {})},
            )
            return answer.status_code, answer.json() if answer.content else None
        except (httpx.TransportError, ValueError):
            return 0, None


def _rule(asked: Asked) -> dict[str, Any]:
    return {
        "name": asked.subject.removeprefix("rule/"),
        "last": "nothing",
        "above": "1",
        "runbook": asked.key,
    }
