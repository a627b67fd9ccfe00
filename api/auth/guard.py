"""The door of the API: nothing but the listed public paths is reached without a valid token or session.

It stands in front of all routes, so that a new route is closed unless this file says otherwise. Tokens
come in the Authorization header; the page has a cookie instead, and its writes must prove that they
come from the page (a header that other origins cannot know, and the Origin header where there is one).
"""

from __future__ import annotations

import hmac
import time
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth.gateway_tokens import GatewayTokens
from api.auth.revocation import Revocations
from api.auth.token import PAGE, Session, Tokens, is_ours
from api.error_answer import error_answer
from streams.codes import FailureCode, RefusalCode
from streams.documents.oncall.feed import PATH as CALENDAR
from streams.errors import Refused, Unavailable
from streams.links.acknowledge_link import PATH
from streams.links.report_link import PATH as REPORT

COOKIE = "tocsin_session"
SECURE = f"__Host-{COOKIE}"  # by TLS: browsers let nobody else set it, neighbours by name included
ENDED = "the session has ended: get a new sign-in link with `tocsin sign-in`"
REVOKED = "the token has been revoked: make a new one with `tocsin token`"
PUBLIC = frozenset({"/", "/health/live", "/health/ready", "/v1/openapi.json"})
SIGN_IN = ("POST", "/v1/session")
ENQUEUE = ("POST", "/v2/enqueue")  # whose token stands in its body, as `routing_key`
INBOUND = "/v1/inbound/"  # providers, which prove themselves by a signature
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
IN_QUERY = frozenset({"token", "access_token", "api_key", "jwt"})


class Denied(NamedTuple):
    """Why a request goes no further: the reason for programs, and in words."""

    code: RefusalCode | FailureCode
    why: str


class Guard:
    """An ASGI application in front of another one."""

    def __init__(
        self, app: ASGIApp, tokens: Tokens, revocations: Revocations, gateway: GatewayTokens | None = None
    ) -> None:
        """`tokens` decides which are ours, `revocations` which have ended, `gateway` whose a gateway's are."""
        self._app, self._gateway = app, gateway
        self._tokens, self._revocations = tokens, revocations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through with `state.session` set, or answer why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        caller = _query(scope) or await self._session(scope, headers)
        if isinstance(caller, Denied):
            await _deny(*caller)(scope, receive, send)
            return
        scope.setdefault("state", {})["session"] = caller
        await self._app(scope, receive, send)

    async def _session(self, scope: Scope, headers: Headers) -> Session | Denied | None:
        bearer = headers.get("authorization")
        if is_public(scope["method"], scope["path"]) and not (bearer and is_sign_in(scope)):
            return None
        if bearer:
            return await self._bearer(bearer)
        if cookie := _cookie(headers, cookie_name(scope.get("scheme", "http"))):
            return self._page(cookie, scope, headers)
        return Denied(
            RefusalCode.NOT_SIGNED_IN, "say who you are: Authorization: Bearer <token> (see `tocsin token`)"
        )

    async def _bearer(self, header: str) -> Session | Denied:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            return Denied(RefusalCode.NOT_SIGNED_IN, "the Authorization header must be `Bearer <token>`")
        try:
            session = await self._named(token.strip())
        except Refused as why:
            return Denied(why.code, str(why))
        except Unavailable as why:
            return Denied(FailureCode.UNAVAILABLE, str(why))
        return self._ended(session, REVOKED) or session

    async def _named(self, token: str) -> Session:
        """Whom a token names: one of ours, or else one of the gateway's, where those are let in."""
        try:
            return self._tokens.read(token)
        except Refused as why:
            if self._gateway is None or is_ours(token):
                raise Refused(str(why), RefusalCode.NOT_SIGNED_IN) from None
        return await self._gateway.read(token, int(time.time()))

    def _page(self, cookie: str, scope: Scope, headers: Headers) -> Session | Denied:
        try:
            session = self._tokens.read(cookie, PAGE)
        except Refused:
            return Denied(RefusalCode.NOT_SIGNED_IN, ENDED)
        if ended := self._ended(session, ENDED):
            return ended
        if scope["method"] in SAFE:
            return session
        sent = headers.get("x-csrf-token", "")
        if not hmac.compare_digest(sent.encode(), self._tokens.csrf(session.id).encode()):
            why = "a write with the session cookie needs the header X-CSRF-Token (see GET /v1/session)"
            return Denied(RefusalCode.NOT_PERMITTED, why)
        return foreign(scope, headers) or session

    def _ended(self, session: Session, words: str) -> Denied | None:
        """Why it is good no more; also where nobody can say yet whether it is."""
        try:
            return Denied(RefusalCode.NOT_SIGNED_IN, words) if self._revocations.holds(session.id) else None
        except Unavailable as why:
            return Denied(FailureCode.UNAVAILABLE, str(why))


def is_sign_in(scope: Scope) -> bool:
    """Whether a request makes a session: by a code without a token, or by a token."""
    return (scope["method"], scope["path"]) == SIGN_IN


def is_public(method: str, path: str) -> bool:
    """Whether a request needs no token: the page's files, probes, schema, sign-in, providers, links, calendars."""
    if (method, path) in (SIGN_IN, ENQUEUE) or (method == "POST" and path.startswith(INBOUND)):
        return True
    if path.startswith(PATH) and method in ("GET", "HEAD", "POST"):  # a link in a mail, which is signed
        return True
    return method in SAFE and (
        path in PUBLIC or path.startswith(("/static/", CALENDAR, REPORT))
    )  # its address is the secret


def foreign(scope: Scope, headers: Headers) -> Denied | None:
    """The refusal of a write, where the browser says that another origin asked; None else."""
    origin = headers.get("origin")
    own = f"{scope.get('scheme', 'http')}://{headers.get('host', '')}"
    return (
        Denied(RefusalCode.NOT_PERMITTED, f"a write from another origin ({origin:.80}) is refused")
        if origin and origin != own
        else None
    )


def _query(scope: Scope) -> Denied | None:
    names = {
        name.lower() for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    }
    if names & IN_QUERY:
        why = "a token in the query string ends up in logs: send it as Authorization: Bearer, and replace this one"
        return Denied(RefusalCode.MALFORMED, why)
    return None


def cookie_name(scheme: str) -> str:
    """What the cookie of a session is called where a page came by `http` or by `https`."""
    return SECURE if scheme == "https" else COOKIE


def _cookie(headers: Headers, name: str) -> str:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _deny(code: RefusalCode | FailureCode, why: str) -> Response:
    challenge = {"WWW-Authenticate": 'Bearer realm="tocsin"'} if code is RefusalCode.NOT_SIGNED_IN else {}
    return error_answer(why, code, challenge)
