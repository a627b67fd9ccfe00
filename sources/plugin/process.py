"""What this process of the gateway has once, however often its plugins are made anew: the sender, and what it watches.

The gateway throws plugin objects away every half minute, and makes one for each context.
"""

from __future__ import annotations

import asyncio
import atexit
import fcntl
import logging
import os
import re
import tempfile
import time
from collections.abc import Mapping
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from .observed import Incident, Observed, short, upstream_event
from .open_calls import OpenEntries
from .sender import Sender, log
from .settings import read_settings

WORKERS = 64  # processes of one gateway on one machine
VIOLATION = re.compile(r"Plugin (.{1,200}?) blocked request .*?violation \[(\w{1,100})\]")


class GatewayProcess:
    """Nothing runs before `begin`, and then until the process ends."""

    def __init__(self) -> None:
        """No sender yet."""
        self.sender: Sender | None = None
        self.calls: OpenEntries[float] = OpenEntries()  # when each began
        self.permissions: OpenEntries[str] = OpenEntries()
        self._lock: IO[bytes] | None = None
        self._locked_by, self._number = 0, ""
        self._files: list[Path] = []  # of all processes of this gateway on this machine, the own one first
        self._watching: asyncio.Task[None] | None = None
        self._hopeless = ""  # why nothing can be sent until the gateway is started anew

    def begin(self, config: Mapping[str, Any]) -> None:
        """Start what does not run yet; what is wrong is logged once, and hinders nobody."""
        if self._hopeless:
            return
        if self.sender is None or not self.sender.alive:
            self._start(config)
        if self.sender is not None and (self._watching is None or self._watching.done()):
            self._watching = asyncio.get_running_loop().create_task(self._watch())

    def note(self, observed: Observed | None) -> None:
        """Put an observation down, where there is one and somebody to send it."""
        if observed is not None and self.sender is not None:
            self.sender.note(observed)

    def _start(self, config: Mapping[str, Any]) -> None:
        try:
            if find_spec("aiokafka") is None:
                raise ValueError("install aiokafka into the gateway's environment")
            settings = read_settings(config, os.environ)
            worker = "-".join(part for part in (settings.instance, self._worker(settings.gateway)) if part)
        except (ValueError, OSError) as why:
            self._hopeless = str(why)
            log.error("the plugin of Tocsin tells nothing: %s", why)
            return
        if self.sender is None:
            logging.getLogger("cpex.framework.manager").addHandler(ViolationHandler(self))
        self.sender = Sender(settings, worker)
        self.sender.start()
        atexit.register(self.end)

    def end(self) -> None:
        """Send what is left. Where other processes go on, nobody is to wait for this source; else it comes again."""
        if self.sender is not None:
            self.sender.stop(farewell=any(_is_held(file) for file in self._files[1:]))
        if self._lock is not None:
            self._lock.close()

    def _worker(self, gateway: str) -> str:
        """The least number that no other process of this gateway on this machine has: the same over restarts."""
        if self._lock is not None and self._locked_by == os.getpid():  # a sender of this process has died
            return self._number
        name = sha256(f"{os.getuid()}/{gateway}".encode()).hexdigest()[:16]
        folder = Path(tempfile.gettempdir())
        files = [folder / f"tocsin-plugin-{name}-{number}.lock" for number in range(WORKERS)]
        for number, file in enumerate(files):
            if (held := _held(file)) is not None:
                self._lock, self._locked_by = held, os.getpid()  # until the process ends
                self._number = str(number)
                self._files = [file, *(other for other in files if other != file)]
                return self._number
        raise ValueError(f"more than {WORKERS} processes of {gateway} run on this machine")

    async def _watch(self) -> None:
        """Follow what the gateway says of its upstreams; where it cannot be followed, the bridge still sees it."""
        try:
            service: Any = import_module("mcpgateway.services.gateway_service").gateway_service
            async for event in service.subscribe_events():
                happening = upstream_event(event)
                self.note(happening and happening._replace(at=time.time_ns() // 1_000_000))
        except Exception as why:  # noqa: BLE001 - versions differ inside; nothing of ours may hinder the gateway
            log.warning("events of upstreams cannot be followed: %s", type(why).__name__)
            await asyncio.sleep(60)


def _held(file: Path) -> IO[bytes] | None:
    """The file, locked by us; None where another process has it."""
    opened = file.open("ab")
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        opened.close()
        return None
    return opened


def _is_held(file: Path) -> bool:
    """Whether another process has it."""
    if not file.exists():
        return False
    opened = _held(file)
    if opened is not None:
        opened.close()
    return opened is None


class ViolationHandler(logging.Handler):
    """Notes which plugin blocked a call, and its code; the gateway says it in its log alone, from WARNING on."""

    def __init__(self, process: GatewayProcess) -> None:
        """`process`: whose sender tells it."""
        super().__init__(logging.WARNING)
        self._process = process

    def emit(self, record: logging.LogRecord) -> None:
        """Note a violation; any other line is nothing to us."""
        try:
            match = VIOLATION.match(record.getMessage())
            if match:
                labels = {"plugin": short(match[1]), "code": match[2]}
                self._process.note(Incident(int(record.created * 1000), "plugin_violation", labels))
        except Exception:  # noqa: BLE001 - a line that cannot be read is somebody else's
            self.handleError(record)


PROCESS = GatewayProcess()
