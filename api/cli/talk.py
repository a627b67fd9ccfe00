"""The command line's way to the API: one request, one answer, every failure one sentence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from streams.codes import RefusalCode
from streams.errors import Conflict, Refused

PATIENCE = 30.0  # seconds
WAIT = 120.0  # seconds between two lines of what is long under way
KEPT = 2.0  # seconds that an idle connection is used again; the API closes its own later
LOOK = 0.2  # seconds between two looks at a command that is not decided yet


class Talk:
    """A client with a token; nothing is opened before the first request."""

    def __init__(self, address: str, token: str, origin: str) -> None:
        """`address`: of the API, such as http://127.0.0.1:8400; `origin`: where the token comes from."""
        self.address, self._origin = address, origin
        self._headers = {"Authorization": f"Bearer {token}"}
        self._http: httpx.Client | None = None

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def ask(self, method: str, path: str, **arguments: Any) -> Any:
        """The answer's JSON, None where it has none; Refused in the API's own words."""
        answer = self.answer(method, path, **arguments)
        if answer.is_success:
            return self.read(answer) if answer.content else None
        words = _words(answer)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            words += f" (the token of {self._origin}; --api-token-file names another)"
        raise _refusal(words, _code(answer))

    def read(self, answer: httpx.Response) -> Any:
        """Its JSON; Refused where something else than Tocsin answers."""
        try:
            return answer.json()
        except ValueError:
            raise Refused(
                f"what answers at {self.address} is not Tocsin's API: name it with --api, or TOCSIN_PORT"
            ) from None

    def settle(self, method: str, path: str, **arguments: Any) -> Any:
        """As `ask`, but waits for the decision where the API answers that it is still open."""
        answer = self.ask(method, path, **arguments)
        if not (isinstance(answer, dict) and answer.get("status") == "pending"):
            return answer
        return self.settled(answer["location"])

    def settled(self, location: str) -> Any:
        """The decision on a command that was accepted, once it is there; Refused where it was not, or none came."""
        until = time.monotonic() + PATIENCE
        why = f"no decision came in {PATIENCE:.0f} s: is `respond` running? See {location}"
        while time.monotonic() < until:
            answer = self.answer("GET", location)
            decision = self.read(answer) if answer.is_success else {"status": "pending"}
            if decision["status"] == "refused":
                raise _refusal(str(decision["reason"]), decision["reason_code"])
            if decision["status"] != "pending":
                return decision
            why = decision.get("reason") or why  # the broker has not confirmed the command
            time.sleep(LOOK)
        raise Refused(why)

    def await_ready(self, patience: float = 60.0) -> None:
        """Return once broker, topics and read model answer; Refused with the reasons where they do not in time."""
        until = time.monotonic() + patience
        while True:
            ready = self.answer("GET", "/health/ready")
            if ready.is_success:
                return
            if time.monotonic() > until:
                raise Refused("; ".join(self.read(ready)["reasons"]))
            time.sleep(LOOK)

    def answer(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """The answer whatever its status; Refused where there is none."""
        with self._reached() as http:
            return http.request(method, path, **arguments)

    @contextmanager
    def stream(self, method: str, path: str, **arguments: Any) -> Iterator[httpx.Response]:
        """The answer while it comes; Refused in the API's own words, or where it breaks off."""
        with self._reached() as http, http.stream(method, path, **arguments) as answer:
            if not answer.is_success:
                answer.read()
                raise _refusal(_words(answer), _code(answer))
            yield answer

    @contextmanager
    def lines(self, method: str, path: str, **arguments: Any) -> Iterator[Iterator[str]]:
        """The lines of an answer as they come, however long it takes; Refused in the API's own words."""
        with self.stream(method, path, timeout=WAIT, **arguments) as answer:
            yield answer.iter_lines()

    def _client(self) -> httpx.Client:
        """The one client of all requests: to make one takes longer than to ask."""
        if (
            self._http is None
        ):  # the API is our own: a proxy for the outside world must not stand between (trust_env)
            self._http = httpx.Client(
                base_url=self.address, headers=self._headers, timeout=PATIENCE, trust_env=False,
                limits=httpx.Limits(keepalive_expiry=KEPT),
            )  # fmt: skip
        return self._http

    @contextmanager
    def _reached(self) -> Iterator[httpx.Client]:
        """The client for a block; what goes wrong on the way is said as Refused."""
        try:
            yield self._client()
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            raise Refused(
                f"{self.address!r:.80} is not an address: write for instance http://127.0.0.1:8400"
            ) from None
        except httpx.RemoteProtocolError as why:
            raise Refused(
                f"{self.address} broke off its answer ({why}): see its log, and ask again"
            ) from None
        except httpx.HTTPError as why:
            raise Refused(
                f"{self.address} does not answer ({type(why).__name__}): start it with `tocsin up`, "
                "or name another address with --api"
            ) from None


def _refusal(words: str, code: str) -> Refused:
    """What the API has refused, as the same error here: Conflict where somebody else was first."""
    return Conflict(words) if code == RefusalCode.CONFLICT.value else Refused(words)


def _code(answer: httpx.Response) -> str:
    """The code of an error, empty where something else than Tocsin answers."""
    try:
        return str(answer.json()["code"])
    except (ValueError, KeyError, TypeError):
        return ""


def _words(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the API answered {answer.status_code}, without a word: is it Tocsin's? (--api names another)"
