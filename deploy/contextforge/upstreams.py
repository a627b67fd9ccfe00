"""The upstreams of a demonstration: small MCP servers, one of them with TLS and a certificate of our own making."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from deploy.certificate import Authority
from deploy.ports import answers, free_port
from deploy.supervisor.process import Process
from streams.errors import Misconfigured

SCRIPT = Path(__file__).with_name("upstream.py")
NAMES = ("weather", "tickets", "documents")
ENCRYPTED = "documents"
START = 60.0  # seconds


@dataclass
class Upstream:
    """One MCP server; `authority` is the PEM text that vouches for it, "" where it speaks plain HTTP."""

    name: str
    port: int
    process: Process
    authority: str = ""

    @property
    def url(self) -> str:
        """The address at which the gateway finds it."""
        return f"{'https' if self.authority else 'http'}://localhost:{self.port}/mcp"

    def start(self) -> None:
        """Run it, and return once it accepts connections."""
        self.process.start()
        until = time.monotonic() + START
        while not answers(self.port):
            if time.monotonic() > until or self.process.exit_code is not None:
                raise Misconfigured(f"upstream {self.name} did not start; see {self.process.log}")
            time.sleep(0.1)


@dataclass
class Upstreams:
    """All of them; `python`: the one of the gateway's environment, which has the `mcp` SDK."""

    folder: Path
    python: Path
    all: list[Upstream] = field(default_factory=list)

    def start(self) -> None:
        """Make a certificate authority and run all servers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        now = datetime.now(UTC)
        authority = Authority.create("Tocsin demonstration", now)
        vouches = authority.write(self.folder / "authority.pem").read_text()
        pem = authority.issue(self.folder / "server.pem", now)
        for name in NAMES:
            port, secure = free_port(), name == ENCRYPTED
            command = [str(self.python), str(SCRIPT), name, str(port), *([str(pem)] if secure else [])]
            process = Process(command, self.folder / f"{name}.log")
            upstream = Upstream(name, port, process, vouches if secure else "")
            self.all.append(upstream)
            upstream.start()

    def stop(self) -> None:
        """End all."""
        for upstream in self.all:
            upstream.process.kill()
