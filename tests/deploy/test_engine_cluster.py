"""docker-compose.yml on a container engine: whatever is done to it, every sample that breaches becomes a webhook."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.deploy.composed import STAGES, Composed

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """One that is up, and hears of a new breach twice a second; skipped where there is no engine."""
    with Composed(tmp_path_factory.mktemp("engine")) as composed:
        yield composed


def test_all_stages_recreated(product: Composed) -> None:
    """What comes meanwhile is heard of afterwards, and nothing twice."""
    product.run("up", "--detach", "--no-deps", "--force-recreate", *STAGES)
    product.heard_again(time.time())
    assert product.all_heard()
    assert set(product.calls().values()) == {1}


@pytest.mark.parametrize("name", ["detect", "respond", "deliver", "sinks", "kafka"])
def test_killed(product: Composed, name: str) -> None:
    """It is started again, and goes on where it stood."""
    product.kill(name)
    product.heard_again(time.time())
    assert product.all_heard()


@pytest.mark.parametrize("service", ["detect", "sinks"])
def test_a_service_for_each_worker(product: Composed, service: str) -> None:
    """A second slot shares the partitions, and gives them back."""
    product.run("up", "--detach", "--no-deps", f"{service}-1")
    product.heard_again(time.time())
    product.run("stop", f"{service}-1")
    product.heard_again(time.time())
    assert product.all_heard()
    product.run("rm", "--force", f"{service}-1")


def test_a_second_worker_on_the_first_ones_slot(product: Composed) -> None:
    """It holds with the sentence that names the setting, and the first goes on."""
    product.run("up", "--detach", "--no-deps", "--no-recreate", "--scale", "detect=2", "detect")
    product.until(lambda: "slot 0 is taken" in product.run("logs", "detect"))
    product.heard_again(time.time())
    product.run("up", "--detach", "--no-deps", "--no-recreate", "--scale", "detect=1", "detect")
    assert product.all_heard()


@pytest.mark.parametrize("service", ["detect", "sinks"])
def test_workers_without_names(product: Composed, service: str) -> None:
    """They share the partitions out among themselves; one may go, and the others have all."""
    for count in (2, 1):
        product.run("up", "--detach", "--no-deps", "--scale", f"{service}={count}", service, STATIC="false")
        product.heard_again(time.time())
    product.run("up", "--detach", "--no-deps", service)
    product.heard_again(time.time())
    assert product.all_heard()


def test_down_and_up(product: Composed) -> None:
    """The volumes keep all; new breaches are heard of, and none of before again."""
    assert product.all_heard()
    product.down_and_up()
    product.heard_again(time.time())
    assert set(product.calls().values()) == {1}
