"""Starts the ContextForge gateway of a demonstration: SQLite, strong secrets of its own, short health checks.

Short: every 4 s, and two failures in a row count, so that a dead upstream shows after about 8 s. A gateway in
production checks every 60 s and wants three failures: there it takes two to three minutes.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.ports import HOST, free_port
from deploy.supervisor.process import Process
from streams.errors import Misconfigured

ADMINISTRATOR = "admin@example.com"
START = 240.0  # seconds; the first start also makes the database and compiles 90 packages
LOOK = 0.3  # seconds between two looks whether it is well
SECRETS = ("jwt", "encryption", "basic", "administrator", "user")
HEALTH_CHECK, FAILURES = 4, 2  # seconds, and failures in a row; by default 60 and 3


@dataclass
class Gateway:
    """One gateway below `folder`, run by the `python` that has it installed."""

    folder: Path
    python: Path
    port: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)  # by environment names, besides those below
    _process: Process | None = None

    @property
    def url(self) -> str:
        """The address at which it answers."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """The file of what it prints."""
        return self.folder / "gateway.log"

    def start(self) -> None:
        """Run it, and return once /health is well; Misconfigured with its last words where it is not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()
        command = [str(self.python), "-m", "uvicorn", "mcpgateway.main:app", "--no-access-log"]
        command += ["--host", HOST, "--port", str(self.port)]
        self._process = Process(command, self.log, self.environment())
        self._process.start()
        self._wait()

    def stop(self) -> None:
        """End it."""
        if self._process:
            self._process.stop(10.0)

    def environment(self) -> dict[str, str]:
        """Its settings; secrets are made once and kept in the folder, readable by their owner only."""
        own = self._secrets()
        return {
            "HOST": HOST,
            "PORT": str(self.port),
            "ENVIRONMENT": "development",
            "DATABASE_URL": f"sqlite:///{self.folder.resolve() / 'gateway.db'}",
            "CACHE_TYPE": "memory",
            "TMPDIR": str(self.folder.resolve()),  # its lock file: each gateway on this machine has its own
            "JWT_SECRET_KEY": own["jwt"],
            "AUTH_ENCRYPTION_SECRET": own["encryption"],
            "BASIC_AUTH_PASSWORD": own["basic"],
            "PLATFORM_ADMIN_EMAIL": ADMINISTRATOR,
            "PLATFORM_ADMIN_PASSWORD": own["administrator"],
            "DEFAULT_USER_PASSWORD": own["user"],  # from 1.0.10 on it does not start with a weak one
            "ADMIN_REQUIRE_PASSWORD_CHANGE_ON_BOOTSTRAP": "false",
            "MCPGATEWAY_UI_ENABLED": "false",
            "MCPGATEWAY_ADMIN_API_ENABLED": "false",
            "ENABLE_METRICS": "true",  # off by default, and then /metrics/prometheus answers 503
            "HEALTH_CHECK_INTERVAL": str(HEALTH_CHECK),
            "UNHEALTHY_THRESHOLD": str(FAILURES),
            "GATEWAY_HEALTH_CHECK_TIMEOUT": "3",
            "SSRF_ALLOW_LOCALHOST": "true",  # its upstreams are on this machine, which production forbids
            "RATE_LIMITING_ENABLED": "true",
            "LOG_LEVEL": "WARNING",
            "STRUCTURED_LOGGING_DATABASE_ENABLED": "false",  # SQLite would be locked under it
            **self.settings,
        }

    def token(self, minutes: int = 60) -> str:
        """A short-lived administrator's token, signed with the gateway's own secret by its own tool."""
        tool = [str(self.python), "-m", "mcpgateway.utils.create_jwt_token"]
        wish = ["--username", ADMINISTRATOR, "--admin", "--exp", str(minutes)]
        made = subprocess.run(
            [*tool, *wish],
            env=self.environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise Misconfigured(f"the gateway's tool makes no token: {made.stderr.strip()[-200:]}")
        return made.stdout.strip().splitlines()[-1]

    def _secrets(self) -> dict[str, str]:
        """Those of the file; what a folder of an older version lacks is added, and nothing is changed."""
        file = self.folder / "secrets.json"
        kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        if missing := [name for name in SECRETS if name not in kept]:
            self.folder.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            kept |= {name: f"{secrets.token_urlsafe(40)}-aA1!" for name in missing}
            file.write_text(json.dumps(kept))
        return kept

    def _wait(self) -> None:
        until = time.monotonic() + START
        while time.monotonic() < until and self._process and self._process.exit_code is None:
            with suppress(httpx.HTTPError):
                health = httpx.get(f"{self.url}/health", trust_env=False, timeout=2.0)
                if health.status_code == httpx.codes.OK:
                    return
            time.sleep(LOOK)
        last = self.log.read_text(errors="replace").strip()[-400:]
        self.stop()
        raise Misconfigured(f"the ContextForge gateway did not start; the end of {self.log}:\n{last}")
