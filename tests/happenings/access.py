"""Happenings about who may come in: logins, locked accounts, tokens that are no good, permissions, single sign-on."""

from __future__ import annotations

import time

import jwt

from tests.happenings.stage import Stage

SPRAYED, WRONG = 6, "Wrong-Horse-7-Battery"
BURST = 52  # more than fifty
ISSUER = "https://identity.example"


def logins_fail(stage: Stage) -> float:
    """One address tries names with a wrong password, more often than people mistype."""
    address = stage.address()
    for number in range(SPRAYED):
        stage.login(f"user{number}@example.com", WRONG, address)
    other = stage.address()
    for number in range(SPRAYED):
        stage.login(f"more{number}@example.com", WRONG, other)
    return time.time()


def account_is_locked(stage: Stage) -> float:
    """Five wrong passwords of a user who exists."""
    email, address = stage.user("locked"), stage.address()
    for _ in range(5):
        stage.login(email, WRONG, address)
    return time.time()


def passwords_are_reset(stage: Stage) -> float:
    """Somebody asks for new passwords of several accounts."""
    for number in range(5):
        email = stage.user(f"forgetful{number}")
        answer = stage.ask("POST", "/v1/auth/email/forgot-password", {"email": email}, token="")
        assert answer.is_success, answer.text
    return time.time()


def tokens_are_bad(stage: Stage) -> float:
    """A client with a token that nobody has issued."""
    address = stage.address()
    for _ in range(BURST):
        assert stage.ask("GET", "/v1/tools", address=address, token="no.such.token").status_code == 401
    return time.time()


def dead_token_is_used(stage: Stage) -> float:
    """A service goes on with a token that was revoked."""
    made = stage.ask("POST", "/v1/tokens", {"name": "dead", "description": "", "expires_in_days": 1}).json()
    revoked = stage.ask("DELETE", f"/v1/tokens/{made['token']['id']}")
    assert revoked.is_success, revoked.text
    address = stage.address()
    for _ in range(4):
        assert stage.ask("GET", "/v1/tools", address=address, token=made["access_token"]).status_code == 401
    return time.time()


def permission_is_denied(stage: Stage) -> float:
    """A user asks again and again for what only administrators may see."""
    session, address = stage.session(stage.user("curious")), stage.address()
    for _ in range(BURST):
        answer = stage.ask("GET", "/v1/auth/email/admin/events", address=address, token=session)
        assert answer.status_code == 403, answer.text
    return time.time()


def single_sign_on_fails(stage: Stage) -> float:
    """Logins through an identity provider that is not set up."""
    address = stage.address()
    for _ in range(6):
        answer = stage.ask("GET", "/auth/sso/login/nobody?redirect_uri=/", address=address, token="")
        assert answer.status_code >= 400, answer.text
    return time.time()


def token_of_identity_provider_fails(stage: Stage) -> float:
    """Clients of a virtual server that is protected by OAuth come with tokens that cannot be verified."""
    config = {"authorization_servers": [ISSUER], "token_endpoint": f"{ISSUER}/token"}
    server = {"name": "guarded", "oauth_enabled": True, "oauth_config": config}
    made = stage.ask("POST", "/v1/servers", {"server": server, "visibility": "public"})
    assert made.is_success, made.text
    foreign = jwt.encode({"iss": ISSUER, "sub": "ada"}, "not-the-key-of-any-identity-provider", "HS256")
    for _ in range(22):
        stage.ask("POST", f"/servers/{made.json()['id']}/mcp", {"jsonrpc": "2.0"}, token=foreign)
    return time.time()
