"""A Kafka image on a container engine, by testcontainers: one broker with the settings of the embedded one.

The image takes its settings as Apache's own does: `KAFKA_NODE_ID` for `node.id`. It has to be there already, since no
registry is asked for it. Nothing but it is started: testcontainers' own janitor would be a second image to have.
"""

from __future__ import annotations

import asyncio
import gc
import time
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.embedded.java import Profile
from deploy.embedded.properties import SESSION, Node, properties
from deploy.ports import HOST, free_port

CONTROLLER = 9093
ENGINE = "1.41"  # the engine's interface that every engine of today has
DATA = Path("/tmp/kafka")  # inside of it; a container keeps it until it is removed
READY = 90.0  # seconds until it has to serve


class ContainerKafka:
    """One broker in a container, bound to this machine's loopback."""

    def __init__(self, image: str) -> None:
        """Nothing is asked of the engine yet."""
        self.settings: Mapping[str, str] = {}
        self._image, self._port = image, free_port()
        self._container: Any = None

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return f"{HOST}:{self._port}"

    def start(self) -> ContainerKafka:
        """Start it, or start it again after a kill; the test is skipped where there is no engine or no image."""
        if self._container is None:
            self._container = self._made()
        self._container.get_wrapped_container().start()
        try:
            with ThreadPoolExecutor(1) as pool:  # whoever starts it may have a loop of its own
                pool.submit(lambda: asyncio.run(_until_it_serves(self.bootstrap))).result()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Remove it and all that it holds."""
        if self._container is not None:
            self._container.stop()
            self._container = None

    def kill(self) -> None:
        """End its process at once; its files stay."""
        self._container.get_wrapped_container().kill()

    def _made(self) -> Any:
        # late: only who asks for an engine needs its client
        from testcontainers.core.config import testcontainers_config
        from testcontainers.core.container import DockerContainer

        if words := _absence(self._image):
            pytest.skip(words)
        testcontainers_config.ryuk_disabled = True
        container = DockerContainer(self._image, env=self._environment())
        container.ports[f"{self._port}/tcp"] = (HOST, self._port)  # type: ignore[assignment]  # the engine's own form
        return container.start()

    def _environment(self) -> dict[str, str]:
        node = Node(1, self._port, {1: CONTROLLER})
        inside = properties(DATA, node, None, {**SESSION[Profile.TEST], **self.settings})
        inside["listeners"] = f"PLAIN://:{self._port},CONTROLLER://:{CONTROLLER}"
        return {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in inside.items()}


def _absence(image: str) -> str | None:
    """Why the image cannot be run here; None where it can."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        words = _ask_for(image)
        gc.collect()  # here: the engine's client leaves the socket of a connection that failed to the collector
    return words


def _ask_for(image: str) -> str | None:
    import docker
    from docker.errors import DockerException, ImageNotFound

    client = docker.from_env(version=ENGINE)  # else it would ask the engine before there is anything to close
    try:
        client.images.get(image)
    except ImageNotFound:
        return f"no image {image} on this engine: TEST_KAFKA_IMAGE names another"
    except (DockerException, OSError) as why:
        return f"no container engine answers: {why}"
    finally:
        client.close()
    return None


async def _until_it_serves(bootstrap: str) -> None:
    """Ask it until it answers: the engine's own proxy takes connections before Kafka does."""
    end = time.monotonic() + READY
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        try:
            await admin.start()
            return
        except (KafkaError, OSError):
            assert time.monotonic() < end, f"Kafka in a container did not serve within {READY:.0f} s"
            await asyncio.sleep(0.2)
        finally:
            await admin.close()
