"""The real gateway of `make demo`: its settings and secrets, without starting it."""

from __future__ import annotations

import importlib.util
import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from deploy.contextforge import install as contextforge
from deploy.contextforge.gateway import LOOK, Gateway
from deploy.contextforge.upstreams import Upstream
from deploy.supervisor.process import Process
from streams.errors import Misconfigured
from tests.layout import ROOT

SECRET = (
    "JWT_SECRET_KEY",
    "AUTH_ENCRYPTION_SECRET",
    "BASIC_AUTH_PASSWORD",
    "PLATFORM_ADMIN_PASSWORD",
    "DEFAULT_USER_PASSWORD",
)


def gateway(folder: Path) -> Gateway:
    """One that is not started."""
    return Gateway(folder, Path("python"), 4444)


def test_its_secrets_are_strong_kept_and_its_own(tmp_path: Path) -> None:
    """A restart must read what the first start wrote, and no two installations share anything."""
    first, again, other = (gateway(tmp_path / name).environment() for name in ("a", "a", "b"))
    assert first == again
    for name in SECRET:
        assert len(first[name]) >= 32
        assert first[name] != other[name]


def test_a_folder_of_an_older_version_gets_what_newer_gateways_ask_for(tmp_path: Path) -> None:
    """From 1.0.10 on a gateway does not start without a strong password for new users; what was there stays."""
    before = gateway(tmp_path).environment()
    file = tmp_path / "secrets.json"
    kept = {name: text for name, text in json.loads(file.read_text()).items() if name != "user"}
    file.write_text(json.dumps(kept))
    after = gateway(tmp_path).environment()
    assert len(after["DEFAULT_USER_PASSWORD"]) >= 32
    assert {name: after[name] for name in SECRET[:-1]} == {name: before[name] for name in SECRET[:-1]}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nobody_else_reads_its_secrets(tmp_path: Path) -> None:
    """They lie in one file of one owner."""
    gateway(tmp_path).environment()
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_it_listens_on_loopback_and_shows_its_metrics(tmp_path: Path) -> None:
    """Metrics are off by default, and a demonstration is nobody else's business."""
    environment = gateway(tmp_path).environment()
    assert (environment["HOST"], environment["ENABLE_METRICS"]) == ("127.0.0.1", "true")


def test_one_that_is_not_well_yet_is_asked_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never without a pause, whether nobody answers or it answers that it is not ready."""
    answers: list[httpx.Response | httpx.HTTPError] = [httpx.ConnectError("nobody")]
    answers += [httpx.Response(503), httpx.Response(503), httpx.Response(200)]
    pauses: list[float] = []

    def get(*_: object, **__: object) -> httpx.Response:
        answer = answers.pop(0)
        if isinstance(answer, httpx.HTTPError):
            raise answer
        return answer

    monkeypatch.setattr("httpx.get", get)
    monkeypatch.setattr("time.sleep", pauses.append)
    starting = gateway(tmp_path)
    starting._process = Process([], tmp_path / "log")
    starting._wait()
    assert (pauses, answers) == ([LOOK] * 3, [])


@pytest.mark.parametrize(
    ("module", "name"), [("mcp.server.mcpserver", "MCPServer"), ("mcp.server.fastmcp", "FastMCP")]
)
def test_an_upstream_runs_with_either_sdk(module: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gateways from 1.0.11 on bring version 2 of the SDK, in which the server is called otherwise."""
    served: list[tuple[object, dict[str, object]]] = []

    class Server:
        def __init__(self, name: str) -> None:
            self.name = name

        def tool(self) -> Callable[[Callable[[str], str]], Callable[[str], str]]:
            return lambda function: function

        def streamable_http_app(self) -> str:
            return f"app of {self.name}"

    for part in ("mcp", "mcp.server", "mcp.server.mcpserver", "mcp.server.fastmcp"):
        monkeypatch.setitem(sys.modules, part, None if part.count(".") == 2 else ModuleType(part))
    there = ModuleType(module)
    setattr(there, name, Server)
    monkeypatch.setitem(sys.modules, module, there)
    monkeypatch.setattr("uvicorn.run", lambda app, **more: served.append((app, more)))
    spec = importlib.util.spec_from_file_location(
        "upstream_of_a_test", ROOT / "deploy" / "contextforge" / "upstream.py"
    )
    assert spec is not None
    assert spec.loader is not None
    upstream = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(upstream)
    upstream.serve("weather", 4711, "weather.pem")
    ((app, more),) = served
    assert (app, more["host"], more["port"]) == ("app of weather", "127.0.0.1", 4711)
    assert more["ssl_certfile"] == more["ssl_keyfile"] == "weather.pem"


def test_another_python_has_another_gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was installed for one Python is not run by another, which has another release; the first is found again."""
    asked: list[list[str]] = []
    monkeypatch.setattr(contextforge, "_run", lambda argv, _: asked.append(argv))
    monkeypatch.setattr(contextforge, "version", lambda _: "1.1.0")
    pythons = []
    for minor in (11, 12, 11):
        monkeypatch.setattr(sys, "version_info", (3, minor, 1, "final", 0))
        (tmp_path / f"environment-3.{minor}").mkdir(exist_ok=True)
        pythons.append(contextforge.install(tmp_path, print))
    assert pythons[0] == pythons[2] != pythons[1]
    assert [argv[2] for argv in asked] == ["venv", "pip", "venv", "pip"]
    monkeypatch.setattr(sys, "version_info", (3, 14, 0, "final", 0))
    with pytest.raises(Misconfigured, match=r"3\.11 to 3\.13, not on 3\.14"):
        contextforge.install(tmp_path, print)


def test_an_upstream_with_a_certificate_speaks_tls() -> None:
    """One of the demonstration's does, since real ones do."""
    process = Process([], Path("log"))
    assert Upstream("plain", 1, process).url == "http://localhost:1/mcp"
    assert Upstream("secure", 1, process, "PEM").url == "https://localhost:1/mcp"
