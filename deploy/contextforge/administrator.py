"""What an administrator does once with a new gateway: make an API token for the bridge, and register upstreams."""

from __future__ import annotations

from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import httpx

from deploy.contextforge.upstreams import Upstream
from streams.errors import Misconfigured


class Administrator:
    """Talks to one gateway with a short-lived token; use it as a context."""

    def __init__(self, url: str, token: str) -> None:
        """`token`: an administrator's."""
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=60.0
        )

    def __enter__(self) -> Administrator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def api_token(self, name: str) -> str:
        """An API token of 30 days, as the bridge would get from its operator; the gateway shows it once.

        Older ones of that name are revoked. A gateway may go on holding the name of a revoked one, so each is another.
        """
        for old in self._said("GET", "/v1/tokens").get("tokens", []):
            if str(old.get("name")).startswith(name):
                self._http.delete(f"/v1/tokens/{old['id']}")
        new = f"{name} {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
        made = self._said(
            "POST", "/v1/tokens", {"name": new, "description": "Tocsin's bridge", "expires_in_days": 30}
        )
        return str(made["access_token"])

    def register(self, upstream: Upstream) -> str:
        """Federate an upstream, in place of an older one of the same name; the id that the gateway gives it."""
        listed = self._said("GET", "/v1/gateways?include_inactive=true&include_pagination=true&limit=500")
        for old in listed.get("gateways", []):
            if old["name"] == upstream.name:
                self._http.delete(f"/v1/gateways/{old['id']}")
        body = {
            "name": upstream.name,
            "url": upstream.url,
            "transport": "STREAMABLEHTTP",
            "visibility": "public",
        }
        if upstream.authority:
            body["ca_certificate"] = upstream.authority
        return str(self._said("POST", "/v1/gateways", body)["id"])

    def _said(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._http.request(method, path, json=body)
        if answer.is_error:
            raise Misconfigured(
                f"the gateway refused {method} {path}: {answer.status_code} {answer.text[:300]}"
            )
        said = answer.json()
        return said if isinstance(said, dict) else {"tokens": said}
