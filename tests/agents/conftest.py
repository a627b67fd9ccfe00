"""What the cluster tests share: one embedded Kafka for all of them, with short sessions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.ground import Ground
from tests.chaos.process import Process

OPTIONS = {"TOCSIN_SESSION": "2s", "TOCSIN_WRITE_OUT_DETECT": "2s"}


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A started Kafka with all topics, two partitions a stage."""
    made = Ground(tmp_path_factory.mktemp("ground"), partitions=2, options=OPTIONS)
    made.broker.settings = {"group.min.session.timeout.ms": "1000"}
    made.start()
    yield made
    made.broker.stop()


@pytest.fixture
def workers(ground: Ground) -> Iterator[Workers]:
    """Starts workers, and ends what still runs."""
    made = Workers(ground)
    yield made
    made.end()


class Workers:
    """The worker processes of one test."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._all: list[Process] = []

    def start(self, name: str, **more: str) -> Process:
        """A worker on the tally machines; `name` is stage and slot."""
        return self._start(name, ("tests.chaos.worker", name.rpartition("-")[0], "tally"), more)

    def start_product(self, name: str, **more: str) -> Process:
        """The same as an operator starts it, on the product's machines."""
        return self._start(name, ("agents", name.rpartition("-")[0]), more)

    def start_on(self, host: str, name: str, release: str = "now", **more: str) -> Process:
        """The same on a host of this name; `release`: see `tests.agents.host`."""
        return self._start(name, ("tests.agents.host", host, name.rpartition("-")[0], release), more)

    def _start(self, name: str, words: tuple[str, ...], more: dict[str, str]) -> Process:
        environment = self._ground.environment | more
        self._all.append(Process(name, self._ground.folder / "log", environment, *words))
        return self._all[-1]

    def end(self) -> None:
        """SIGTERM for all."""
        for process in self._all:
            process.end()
