"""Which processes a single machine runs, in which order, and what each is told: `tocsin up` as a list."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.embedded.broker import Broker
from deploy.keys import MAKERS, Keys
from deploy.ports import free_port, is_free
from deploy.supervisor.child import Child, Restart, at_once, port_open
from deploy.supervisor.heart import serving, touched
from streams.settings import Settings
from streams.topics import STAGES

ROOT = Path(__file__).parents[2]
EVERY = ("TOCSIN_SYSTEM_KEYS", "TOCSIN_SEAL_KEYS", "TOCSIN_TOKEN_KEY")
# in the order of their ports for metrics
MEASURED = ("api", *STAGES, "sinks", "history", "bridge", "traces", "canary")
BROKER_READY = 90.0  # seconds: a first start without Java's cache on a slow disk
BROKER_SILENT = 30.0  # seconds without an answer after which it is ended; it survives that


@dataclass(frozen=True)
class Composition:
    """What is started on which settings. `broker`: the embedded one, None for an external Kafka."""

    settings: Settings
    environ: Mapping[str, str]
    broker: Broker | None
    catcher: int  # its port; 0: no demonstration
    canary: int = 0  # the port where canaries are received; 0: as the settings say

    def children(self) -> list[Child]:
        """Every process in the order of what it needs."""
        first = [self._kafka(self.broker)] if self.broker else []
        after = tuple(child.name for child in first)
        tool = ("deploy", "topics", *(("--embedded",) if self.broker else ()))
        children = [*first, self._python("topics", tool, after, restart=Restart.UNTIL_DONE)]
        needs = (*after, "topics")
        children += [self._python(stage, ("agents", stage), needs) for stage in STAGES]
        children.append(self._python("sinks", ("sinks", "all"), needs))
        if self.settings.canary:  # needs nothing: it speaks where the others do not start
            children.append(self._python("canary", ("sinks", "canary"), ()))
        children.append(self._python("history", ("sinks", "history"), needs))
        children.append(self._python("api", ("api", "serve"), (), port=self.settings.port))
        children.append(self._python("bridge", ("sources", "bridge"), needs))
        if self.settings.traces:
            children.append(self._python("traces", ("sinks", "traces"), needs))
        return children + (self._demonstration((*needs, "api")) if self.catcher else [])

    def _kafka(self, broker: Broker) -> Child:
        child = broker.as_child()
        assert broker.port
        return replace(child, ready_within=BROKER_READY, sign=serving(broker.port), silence=BROKER_SILENT)

    def _demonstration(self, needs: tuple[str, ...]) -> list[Child]:
        listening = ("deploy", "catcher", "--port", str(self.catcher))
        return [
            self._python("catcher", listening, (), port=self.catcher),
            self._python("demonstration", ("sources", "demonstration"), (*needs, "catcher")),
        ]

    def _python(
        self,
        name: str,
        words: tuple[str, ...],
        after: tuple[str, ...],
        port: int = 0,
        restart: Restart = Restart.ALWAYS,
    ) -> Child:
        argv = (sys.executable, "-m", *words)
        ready = port_open(port) if port else at_once
        pulse = Path(self.settings.data) / "pulse" / name
        beats = (
            restart is Restart.ALWAYS and name != "catcher"
        )  # which serves a demonstration, and nothing else
        env = self.environment() | ({"TOCSIN_PULSE": str(pulse)} if beats else {}) | self._listens(name)
        sign = touched(pulse) if beats else None
        return Child(name, argv, env=env, after=after, ready=ready, restart=restart, sign=sign)

    def _listens(self, name: str) -> dict[str, str]:
        """Where a child answers scrapes: the API at the port of the settings, each other one at a port above it."""
        if self.settings.metrics is None or name not in MEASURED:
            return {}
        host, port = self.settings.metrics
        return {"TOCSIN_METRICS_LISTEN": f"{host}:{port + MEASURED.index(name)}"}

    def environment(self) -> dict[str, str]:
        """What a child's environment has besides ours: where Kafka is, and where the keys lie."""
        keys = Keys(self.settings.data)
        given = {name for name in EVERY if self.environ.get(name) or self.environ.get(f"{name}_FILE")}
        files = {
            f"{name}_FILE": str(keys.path(key))
            for name, key in zip(EVERY, MAKERS, strict=True)
            if name not in given
        }
        bootstrap = self.broker.bootstrap if self.broker else self.settings.bootstrap
        path = ":".join(filter(None, (str(ROOT), self.environ.get("PYTHONPATH", ""))))
        return {
            "TOCSIN_KAFKA_BOOTSTRAP": bootstrap,
            "TOCSIN_DATA": self.settings.data,
            "TOCSIN_PORT": str(self.settings.port),
            "PYTHONPATH": path,
            "PYTHONUNBUFFERED": "1",
            **({"TOCSIN_CANARY_LISTEN": f"127.0.0.1:{self.canary}"} if self.canary else {}),
            **files,
        }


def catcher_port(settings: Settings) -> int:
    """The port after the API's where it is free, else any."""
    return settings.port + 1 if is_free(settings.port + 1) else free_port()
