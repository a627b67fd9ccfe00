"""The questions that we ask one ContextForge gateway, with a bearer token; every outcome is a value."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from sources.contextforge import responses
from sources.contextforge.answer import Answer, Garbage, Limited, Outcome, Unauthorised, Unavailable
from sources.contextforge.auth_event import AuthEvent
from sources.contextforge.budget import Budgets
from sources.contextforge.cause import unreachable
from sources.contextforge.membership import Membership
from sources.contextforge.upstream import Upstream
from streams.errors import Misconfigured, Refused

T = TypeVar("T")
LARGEST = 64 << 20  # bytes of one answer
DRIPS = 6  # times the time-out of one read within which an answer has to be whole
PAGE, PAGES = 500, 400  # upstreams or teams in one page, and pages before we stop
AUTH_PAGE, AUTH_PAGES = 100, 10  # records of logins in one page, and pages at one look: older ones are left
UPSTREAMS, TEAMS, AUTH_EVENTS = "/v1/gateways", "/v1/teams/", "/v1/auth/email/admin/events"
LIMITER = ("Rate limit exceeded", "Rate limit lockout")  # what 1.1.0 says where one tier is meant
LOCAL = ("localhost", "127.0.0.1", "::1")
OPEN = ("/health", "/ready")  # asked without the token, which they do not need


class Client:
    """One gateway. `token` is asked before each question, so that it may change."""

    def __init__(
        self,
        url: str,
        token: Callable[[], str],
        clock: Callable[[], float],
        verify: ssl.SSLContext | bool = True,
        timeout: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`url`: below it lies the gateway's `/health`; `clock`: seconds that never go back; `timeout` in seconds."""
        self.url = url.rstrip("/")
        self._token, self._longest = token, DRIPS * timeout
        self._budgets = Budgets(clock)
        self._pages = 1  # of the newest list of upstreams
        self._used: dict[int, float] = {}  # limit → share that our address has used since it was asked
        self._http = httpx.AsyncClient(
            verify=verify,
            timeout=timeout,
            transport=transport,
            headers={"User-Agent": "tocsin", "Accept": "*/*"},
            trust_env=httpx.URL(url).host not in LOCAL,  # a proxy knows nothing of this machine
        )

    async def health(self) -> Outcome[str]:
        """GET /health: the gateway's own word for how it is, `healthy` or `unhealthy`."""
        return _read(await self._ask("/health"), lambda raw: str(responses.fields(raw)["status"]))

    async def ready(self) -> Outcome[list[str]]:
        """GET /ready: what is not ready, as sentences; none: it is ready."""
        return _read(await self._ask("/ready", also=(503,)), responses.unready)

    async def metrics(self) -> Outcome[str]:
        """GET /metrics/prometheus: the exposition's text."""
        return _read(await self._ask("/metrics/prometheus"), lambda raw: raw.decode())

    async def upstreams(self) -> Outcome[list[Upstream]]:
        """GET /v1/gateways, all pages, inactive ones included."""
        pages = await self._pages_of(UPSTREAMS, {"include_inactive": "true"}, responses.upstreams)
        if isinstance(pages, Answer):
            self._pages = len(pages.value)
        return _joined(pages)

    def limits_used(self) -> dict[int, float]:
        """Limit a minute → the largest share of it that our address had used at any answer since this was asked."""
        used, self._used = self._used, {}
        return used

    @property
    def upstreams_every(self) -> int:
        """How often the list of upstreams can be asked for within the budget, ms: each of its pages is a question."""
        return int(self._pages * 60_000 / self._budgets.of(UPSTREAMS).rate)

    async def me(self) -> Outcome[dict[str, Any]]:
        """GET /v1/auth/email/me: whose token this is."""
        return _read(await self._ask("/v1/auth/email/me"), responses.fields)

    async def permissions(self) -> Outcome[list[str]]:
        """GET /v1/rbac/my/permissions: names, or `*`."""
        return _read(await self._ask("/v1/rbac/my/permissions"), responses.names)

    async def teams(self) -> Outcome[dict[str, str]]:
        """GET /v1/teams/, all pages: slugs by id, of the teams that the token may see."""
        teams = _joined(await self._pages_of(TEAMS, {}, responses.teams))
        return Answer(dict(teams.value)) if isinstance(teams, Answer) else teams

    async def members(self, team: str) -> Outcome[list[Membership]]:
        """GET /v1/teams/{id}/members, all pages: of a team that the token administers, or is a member of."""
        return _joined(await self._pages_of(f"{TEAMS}{quote(team, safe='')}/members", {}, responses.members))

    async def auth_events(self, after: int | None) -> Outcome[list[AuthEvent]]:
        """GET /v1/auth/email/admin/events: records newer than the one with this id; of None the newest one alone."""
        records: list[AuthEvent] = []
        size = 1 if after is None else AUTH_PAGE
        for page in range(AUTH_PAGES):
            asked = {"limit": str(size), "offset": str(page * size)}
            outcome = _read(await self._ask(AUTH_EVENTS, asked), responses.auth_events)
            if not isinstance(outcome, Answer):
                return outcome
            records += outcome.value
            if after is None or len(outcome.value) < size or outcome.value[-1].id <= after:
                break
        return Answer(records)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _pages_of(
        self, path: str, parameters: dict[str, str], read: Callable[[bytes], tuple[list[T], str]]
    ) -> Outcome[list[list[T]]]:
        """All pages of a list, by the cursor that each names for the next."""
        pages: list[list[T]] = []
        asked = parameters | {"include_pagination": "true", "limit": str(PAGE)}
        for _ in range(PAGES):
            page = _read(await self._ask(path, asked), read)
            if not isinstance(page, Answer):
                return page
            entries, cursor = page.value
            pages.append(entries)
            if not cursor:
                return Answer(pages)
            asked["cursor"] = cursor
        return Garbage(f"{path} has more than {PAGES} pages, or they never end")

    async def _ask(
        self, path: str, parameters: dict[str, str] | None = None, also: tuple[int, ...] = ()
    ) -> Outcome[bytes]:
        budget = self._budgets.of(path)
        after = budget.wait(probe=path == "/health")
        if after:
            return Limited(after, asked=False)
        try:
            headers = {} if path in OPEN else {"Authorization": f"Bearer {self._token()}"}
            async with (
                asyncio.timeout(self._longest),
                self._http.stream("GET", self.url + path, params=parameters, headers=headers) as response,
            ):
                body = await _body(response)
        except Misconfigured as why:
            return Unauthorised(0, str(why))
        except TimeoutError:  # each read came in its time, and they did not end
            return unreachable(httpx.ReadTimeout(f"no whole answer within {self._longest:g} s"))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as why:
            return unreachable(why)
        if limit := int(_seconds(response, "X-RateLimit-Limit")):
            budget.allow(limit)
            self._note(limit, response)
        return body if isinstance(body, Garbage) else self._judged(response, path, body, also)

    def _judged(
        self, response: httpx.Response, path: str, body: bytes, also: tuple[int, ...]
    ) -> Outcome[bytes]:
        status = response.status_code
        if status == 200 or status in also:
            return Answer(body)
        if status in (401, 403):
            return Unauthorised(status, responses.detail(body))
        if status == 429:
            return self._silenced(response, path, body)
        if status >= 500:
            return Unavailable(status, responses.detail(body))
        if response.has_redirect_location:
            return Garbage(_redirected(response, path))
        return Garbage(f"{path} answers {status} {responses.detail(body)}".rstrip())

    def _note(self, limit: int, response: httpx.Response) -> None:
        """How much of a limit our address has used, which the gateway says with each answer."""
        if "X-RateLimit-Remaining" in response.headers:
            used = 1 - min(1.0, _seconds(response, "X-RateLimit-Remaining") / limit)
            self._used[limit] = max(used, self._used.get(limit, 0.0))

    def _silenced(self, response: httpx.Response, path: str, body: bytes) -> Limited:
        """How long to be silent, and where: 1.0.7 locks an address out of everything, 1.1.0 out of one tier."""
        lockout = _seconds(response, "X-Lockout-Remaining")
        after = max(_seconds(response, "Retry-After"), lockout) or 60.0
        word = responses.error(body)
        one_tier = word == LIMITER[1] or (word == LIMITER[0] and not lockout)
        self._budgets.silence(path, after, everywhere=not one_tier)
        return Limited(after, asked=True)


def _joined(pages: Outcome[list[list[T]]]) -> Outcome[list[T]]:
    """The entries of all pages as one list."""
    return Answer([entry for page in pages.value for entry in page]) if isinstance(pages, Answer) else pages


async def _body(response: httpx.Response) -> bytes | Garbage:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > LARGEST:
            return Garbage(f"an answer of more than {LARGEST >> 20} MB")
    return bytes(body)


def _read(outcome: Outcome[bytes], parse: Callable[[bytes], T]) -> Outcome[T]:
    """What `parse` makes of an answer; Garbage where it is not what a gateway says."""
    if not isinstance(outcome, Answer):
        return outcome
    try:
        return Answer(parse(outcome.value))
    except (AttributeError, KeyError, TypeError, ValueError) as why:  # Refused, and what is no JSON
        return Garbage(f"an answer that is not a ContextForge gateway's: {_begins(outcome.value, why)}")


def _begins(answer: bytes, why: Exception) -> str:
    """What is wrong with an answer, or how it begins, as far as a person can read that."""
    if isinstance(why, Refused):
        return str(why)
    text = " ".join(answer[:200].decode(errors="replace").split())
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:60])
    return f"it begins with `{shown}`" if shown else "it is empty"


def _redirected(response: httpx.Response, path: str) -> str:
    """Where a redirect leads, and the gateway's address where it leads to the same path elsewhere.

    Without user, query and fragment, which may be secret and new each time.
    """
    try:
        location = response.url.join(response.headers["Location"])
    except httpx.InvalidURL:
        return f"{path} redirects to what is no address"
    target = str(location.copy_with(userinfo=b"", query=None, fragment=None))
    if location.path.endswith(path) and not location.query:
        return f"{path} redirects to {target:.200}: give {target.removesuffix(path):.200} instead"
    return f"{path} redirects to {target:.200}, which is no gateway's {path}: something else answers here"


def _seconds(response: httpx.Response, header: str) -> float:
    word = response.headers.get(header, "")
    return float(word) if word.isascii() and word.isdigit() else 0.0
