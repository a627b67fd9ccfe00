"""A real Apache Kafka on this machine, in one child process: for laptops, tests and small installations.

    with Broker(Path("data"), install(os.environ)) as broker:
        ...  # broker.bootstrap is the address for clients

It is a node in KRaft mode, alone or one of several (`deploy.embedded.brokers`). Alone it survives `kill -9`; it does
not survive the loss of its disk, nor, for the last seconds, a power cut (ADR 2). Production names its own Kafka in the
settings, and then nothing of this runs.
"""

from __future__ import annotations

import base64
import os
import signal
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

from deploy.embedded.directory import DataDirectory, Manifest
from deploy.embedded.java import Profile
from deploy.embedded.properties import SESSION, Node, Security, properties, spell_properties
from deploy.embedded.runtime import Runtime
from deploy.ports import HOST, answers, free_port, is_free
from deploy.slots import Slot
from deploy.supervisor.child import Child, port_open
from deploy.supervisor.logfile import rotate, tail
from deploy.supervisor.process import Process
from streams.errors import Misconfigured


@dataclass(frozen=True)
class Seat:
    """A broker's place among several: its number, the ports of all controllers by number, and the cluster's id."""

    id: int
    controllers: Mapping[int, int]
    cluster: str


@dataclass
class Broker:
    """A broker on a data directory. `data` is Tocsin's directory: Kafka's files lie below `broker/` in it.

    The port is the given one, else the one that the directory remembers, else a free one, which is then remembered.
    `seat`: None where it is alone.
    """

    data: Path
    runtime: Runtime
    port: int | None = None
    profile: Profile = Profile.DAILY
    security: Security | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] | None = None
    seat: Seat | None = None
    secure_port: int | None = field(default=None, init=False)
    _process: Process | None = field(default=None, init=False)
    _lock: int | None = field(default=None, init=False)

    @property
    def bootstrap(self) -> str:
        """The address that clients connect to; known once the broker has been prepared or started."""
        return f"{HOST}:{self.port}"

    @property
    def secure_bootstrap(self) -> str:
        """The address of the TLS and SASL listener, if `security` was given."""
        return f"{HOST}:{self.secure_port}"

    @property
    def log(self) -> Path:
        """What the broker had to say: warnings and errors only."""
        return self.data / "log" / "broker.log"

    @property
    def pid(self) -> int | None:
        """The broker's process id while it runs."""
        return self._process.pid if self._process else None

    def prepare(self) -> list[str]:
        """Write all files that the broker reads, and return the command that runs it.

        A supervisor that runs the command itself calls `claim` first. Misconfigured: another version's directory, or a
        given port that something else uses.
        """
        directory = DataDirectory(self.data)
        manifest = directory.open(self.runtime.kafka)
        port, controller = self._ports(manifest)
        directory.write(replace(manifest, port=port, controller=controller))
        seat = self.seat or Seat(1, {1: controller}, new_id())
        secured = (self.security, free_port()) if self.security else None
        self.port, self.secure_port = port, secured[1] if secured else None
        files = self.data / "broker"
        _format(files, seat)
        configuration = self.data / "broker.properties"
        more = {**SESSION[self.profile], **self.settings}
        text = spell_properties(properties(files, Node(seat.id, port, seat.controllers), secured, more))
        configuration.touch(mode=0o600)
        configuration.write_text(text)
        return self.runtime.command(self.profile, configuration, self.flags)

    def _ports(self, manifest: Manifest) -> tuple[int, int]:
        if self.port and not is_free(self.port):
            raise Misconfigured(
                f"port {self.port} for the embedded Kafka is in use by another program: "
                "stop that program, or name another port"
            )
        if self.seat:
            return self.port or free_port(), self.seat.controllers[self.seat.id]
        remembered = manifest.port if manifest.port and is_free(manifest.port) else None
        controller = manifest.controller if manifest.controller and is_free(manifest.controller) else None
        return self.port or remembered or free_port(), controller or free_port()

    def claim(self) -> int:
        """Lock the directory for this broker; the returned descriptor is to be inherited by its process.

        Misconfigured if a broker already runs on the directory.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = Slot(self.data / "broker.lock").claim()
        return self._lock

    def as_child(self, name: str = "broker") -> Child:
        """Declare the broker to a supervisor, which runs it in our stead; it ends well even if that is killed."""
        lock, argv = self.claim(), self.prepare()
        assert self.port
        return Child(name, tuple(argv), ready=port_open(self.port), parting=signal.SIGTERM, inherit=(lock,))

    def start(self, timeout: float | None = 60.0) -> Broker:
        """Start it and wait until it serves clients; with `timeout` None return at once."""
        lock = self.claim()
        try:
            rotate(self.log)
            self._process = Process(self.prepare(), self.log, inherit=(lock,), parting=signal.SIGTERM)
            self._process.start()
            if timeout is not None:
                self.wait_ready(timeout)
        except BaseException:
            self.kill()
            raise
        return self

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Return once the port is open, as it is when Kafka can serve. Misconfigured quotes the log if it ended."""
        assert self._process, "start the broker first"
        assert self.port
        until = time.monotonic() + timeout
        while not answers(self.port):
            if self._process.wait(0.02) is not None:
                raise Misconfigured(
                    f"the embedded Kafka ended while it started; {self.log} says: {tail(self.log)}"
                )
            if time.monotonic() > until:
                raise Misconfigured(
                    f"the embedded Kafka did not open port {self.port} in {timeout:.0f} s; see {self.log}"
                )

    def wait(self) -> None:
        """Return when the broker has ended, whoever ended it."""
        if self._process:
            self._process.wait()

    def stop(self, grace: float = 30.0) -> None:
        """End it cleanly, so that the next start has nothing to recover."""
        if self._process:
            self._process.stop(grace)
        self._release()

    def kill(self) -> None:
        """End it as a crash would (SIGKILL); acknowledged records survive that."""
        if self._process:
            self._process.kill()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Broker:
        """Start it for the length of a block."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it cleanly."""
        self.stop()


def _format(files: Path, seat: Seat) -> None:
    """What Kafka's own format tool writes for a node, without starting a second virtual machine for it."""
    identity = files / "meta.properties"
    if not identity.exists():
        files.mkdir(parents=True, exist_ok=True)
        lines = ("version=1", f"cluster.id={seat.cluster}", f"node.id={seat.id}", f"directory.id={new_id()}")
        identity.write_text("\n".join(lines) + "\n")


def new_id() -> str:
    """A UUID as Kafka spells it: 22 characters of URL-safe base 64."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
