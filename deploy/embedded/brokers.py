"""Several embedded brokers as one Kafka, each a process of its own: what the loss of one of them does can be tried.

    with Brokers(Path("data"), install(os.environ)) as kafka:
        ...  # kafka.bootstrap names all of them

Of three, one may be away: every record lies on all three, and counts as written when two of them have it. They share
this machine and its disk, so this is for trying and for tests; production has a machine for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from deploy.embedded.broker import Broker, Seat, new_id
from deploy.embedded.directory import DataDirectory
from deploy.embedded.java import Profile
from deploy.embedded.runtime import Runtime
from deploy.ports import free_port, is_free

_GRACE = 10.0  # seconds to end in order: the last ones have no majority left to say good-bye to


@dataclass
class Brokers:
    """Brokers 1 to `count`, in the folders `broker-1`, … below `data`; ports are remembered there."""

    data: Path
    runtime: Runtime
    count: int = 3
    profile: Profile = Profile.DAILY
    settings: Mapping[str, str] = field(default_factory=dict)
    each: Mapping[int, Broker] = field(init=False)

    def __post_init__(self) -> None:
        """Give each its ports; nothing runs yet."""
        folders = {number: self.data / f"broker-{number}" for number in range(1, self.count + 1)}
        taken = set[int]()
        ports = {
            number: _port(folder, self.runtime.kafka, "port", taken) for number, folder in folders.items()
        }
        controllers = {
            number: _port(folder, self.runtime.kafka, "controller", taken)
            for number, folder in folders.items()
        }
        cluster = _cluster(self.data / "cluster.id")
        self.each = {
            number: Broker(
                folder, self.runtime, ports[number], self.profile, seat=Seat(number, controllers, cluster)
            )
            for number, folder in folders.items()
        }

    @property
    def bootstrap(self) -> str:
        """The addresses of all of them: a client finds the others from whichever answers."""
        return ",".join(broker.bootstrap for broker in self.each.values())

    def start(self, timeout: float = 60.0) -> Brokers:
        """Start all of them, and return when each serves clients; none does before most of them run."""
        try:
            for broker in self.each.values():
                broker.settings = self.settings
                broker.start(timeout=None)
            for broker in self.each.values():
                broker.wait_ready(timeout)
        except BaseException:
            self.kill()
            raise
        return self

    def wait(self) -> None:
        """Return when all have ended, whoever ended them."""
        for broker in self.each.values():
            broker.wait()

    def stop(self, grace: float = _GRACE) -> None:
        """End all at once; those that lack a majority for a clean end are killed, which loses nothing."""
        with ThreadPoolExecutor(self.count) as pool:
            list(pool.map(lambda broker: broker.stop(grace), self.each.values()))

    def kill(self) -> None:
        """End all as a crash would."""
        for broker in self.each.values():
            broker.kill()

    def __enter__(self) -> Brokers:
        """Start them for the length of a block."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End them."""
        self.stop()


def _port(folder: Path, kafka: str, whose: str, taken: set[int]) -> int:
    """The port that the folder remembers, or a free one that none of the others has."""
    remembered: int | None = getattr(DataDirectory(folder).open(kafka), whose)
    port = remembered if remembered and is_free(remembered) else free_port()
    while port in taken:
        port = free_port()
    taken.add(port)
    return port


def _cluster(file: Path) -> str:
    """The cluster's id, made once."""
    if not file.is_file():
        file.write_text(new_id())
    return file.read_text()
