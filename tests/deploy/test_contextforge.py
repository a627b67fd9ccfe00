"""The real gateway of `make demo`: its settings and secrets, without starting it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from deploy.contextforge.gateway import Gateway
from deploy.contextforge.upstreams import Upstream
from deploy.supervisor.process import Process

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


def test_an_upstream_with_a_certificate_speaks_tls() -> None:
    """One of the demonstration's does, since real ones do."""
    process = Process([], Path("log"))
    assert Upstream("plain", 1, process).url == "http://localhost:1/mcp"
    assert Upstream("secure", 1, process, "PEM").url == "https://localhost:1/mcp"
