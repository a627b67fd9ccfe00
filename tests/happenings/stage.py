"""A real gateway with real upstreams, and the whole product that watches it: what happenings are made with."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deploy.contextforge.administrator import Administrator
from deploy.contextforge.gateway import Gateway
from deploy.contextforge.install import install, version
from deploy.contextforge.upstreams import Upstream
from deploy.ports import free_port
from deploy.supervisor.process import Process
from tests.acceptance.product import Product
from tests.happenings.telling import telling
from tests.sources.prober.authority import Issued, issue

NAME, SCRIPT = "real", Path(__file__).with_name("upstream.py")
PLAIN = ("weather", "tickets", "documents")
INTERVAL = 2.0  # seconds between two polls of the bridge
LOOK = 1.2  # seconds between two looks: with the bridge's polls they stay within 100 questions a minute
PATIENCE = 90.0  # seconds until the gateway has noticed what its own health check has to notice
PASSWORD = "Correct-Horse-7-Battery"  # of users that exist for a few minutes
Say = Callable[[str], None]


@dataclass
class Stage:
    """`folder`: of everything; `home`: where the gateway is installed."""

    folder: Path
    home: Path
    say: Say
    product: Product = field(init=False)
    gateway: Gateway = field(init=False)
    upstreams: dict[str, Upstream] = field(default_factory=dict)
    http: httpx.Client = field(init=False)
    ours: httpx.Client = field(init=False)
    release: str = ""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(10))

    def __enter__(self) -> Stage:
        """Start the product, the gateway and its upstreams, and connect them."""
        python = install(self.home, self.say)
        self.release = version(python)
        self.product = Product(self.folder / "product")
        self.product.folder.mkdir(parents=True)
        self.gateway = Gateway(self.folder / "gateway", python)
        try:
            self.say("starting Tocsin")
            self.product.start()
            self.ours = self.product.client()
            self.say(f"starting ContextForge {self.release}")
            self.gateway.port = free_port()
            plugins = self.folder / "plugins"
            plugins.mkdir()
            self.gateway.settings = telling(self.product, NAME, plugins, python)
            self.gateway.start()
            self._furnish(python)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _furnish(self, python: Path) -> None:
        self.http = httpx.Client(
            base_url=self.gateway.url, headers={"Authorization": f"Bearer {self.gateway.token()}"},
            trust_env=False, timeout=60.0,
        )  # fmt: skip
        self._watcher = self.session(self.user("watcher"))  # whose looks use up nobody else's questions
        token = self.folder / "token"
        for name in PLAIN:
            self.serve(python, name)
        with Administrator(self.gateway.url, self.gateway.token()) as administrator:
            for upstream in self.upstreams.values():
                administrator.register(upstream)
            token.touch(mode=0o600)
            token.write_text(administrator.api_token("bridge"))
        words = ("--name", NAME, "--token-file", str(token), "--interval", f"{INTERVAL:.0f}s")
        connected = self.product.tocsin("connect", self.gateway.url, *words)
        assert connected.code == 0, connected.text
        self.say(connected.text.strip())

    def __exit__(self, *_: object) -> None:
        """End all of it, the product last."""
        for upstream in self.upstreams.values():
            upstream.process.kill()
        self.gateway.stop()
        self.product.stop()

    def serve(
        self, python: Path, name: str, certificate: Issued | None = None, authority: str = ""
    ) -> Upstream:
        """A running upstream; with a certificate it speaks TLS."""
        port, pem = free_port(), self.folder / f"{name}.pem"
        words = [str(python), str(SCRIPT), name, str(port)]
        if certificate is not None:
            words.append(str(certificate.write(pem)))
        upstream = Upstream(name, port, Process(words, self.folder / f"{name}.log"), authority)
        upstream.start()
        self.upstreams[name] = upstream
        return upstream

    def encrypted(self, name: str, days: float) -> Upstream:
        """A running upstream whose certificate ends in so many days, of an authority that lives longer."""
        authority = issue(authority=True, subject=f"authority of {name}")
        return self.serve(self.gateway.python, name, issue(by=authority, days=days), authority.pem)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        address: str = "",
        token: str | None = None,
    ) -> httpx.Response:
        """A request as it comes through a proxy from an address; of the administrator, without another token.

        `token`: "" for none.
        """
        headers = {"X-Forwarded-For": address or self.address()}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}" if token else ""
        return self.http.request(method, path, json=body, headers=headers)

    def address(self) -> str:
        """Another address of a client, from the range that documentation has."""
        number = next(self._numbers)
        return f"198.51.{number // 250}.{number % 250 + 1}"

    def call(self, tool: str, arguments: Mapping[str, Any], address: str = "") -> httpx.Response:
        """Call a tool over JSON-RPC."""
        body = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": tool, "arguments": arguments},
        }
        return self.ask("POST", "/rpc", body, address)

    def user(self, name: str) -> str:
        """The e-mail address of a new ordinary user."""
        email = f"{name}@example.com"
        body = {"email": email, "password": PASSWORD, "full_name": name}
        made = self.ask("POST", "/v1/auth/email/admin/users", body)
        assert made.is_success, made.text
        return email

    def session(self, email: str) -> str:
        """The token of a user who has logged in."""
        answer = self.login(email, PASSWORD)
        assert answer.is_success, answer.text
        return str(answer.json()["access_token"])

    def login(self, email: str, password: str, address: str = "") -> httpx.Response:
        """Somebody logs in, or tries to."""
        body = {"email": email, "password": password}
        return self.ask("POST", "/v1/auth/email/login", body, address, token="")

    def register(self, upstream: Upstream) -> str:
        """Federate one more upstream; its id."""
        with Administrator(self.gateway.url, self.gateway.token()) as administrator:
            return administrator.register(upstream)

    def reachable(self, name: str, wanted: bool) -> float:
        """When the gateway says, as it does to the bridge, that an upstream can be reached, or not."""
        path = "/v1/gateways?include_inactive=true&include_pagination=true&limit=500"

        def look() -> float | None:
            answer = self.ask("GET", path, token=self._watcher)
            assert answer.is_success, answer.text
            fits = any(
                one["name"] == name and one["reachable"] is wanted for one in answer.json()["gateways"]
            )
            return time.time() if fits else None

        return shown(look)


def shown(look: Callable[[], float | None], patience: float = PATIENCE) -> float:
    """What a look brings as soon as it brings anything."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if (at := look()) is not None:
            return at
        time.sleep(LOOK)
    raise TimeoutError("the gateway did not show it")
