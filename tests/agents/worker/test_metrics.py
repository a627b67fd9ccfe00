"""A worker tells where it stands, and a scrape of it changes nothing."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from agents.clock import steady
from agents.inputs.feed import Feed
from agents.inputs.injector import Injector
from agents.worker.app import StageApp
from agents.worker.metrics import listen, registry
from deploy.ports import free_port
from streams.errors import Misconfigured
from tests.agents.doubles import SIGNER, Bench, worker_config


async def test_where_a_worker_stands() -> None:
    """Its phase, and for each partition its place, its rows, what is unwritten and for how long it waits."""
    bench, app = Bench(), StageApp(worker_config())
    injector = Injector(app.config, bench.producer, Feed(SIGNER))
    made, stage = registry(app, injector), app.config.stage
    assert made.get_sample_value("tocsin_worker_phase", {"stage": stage, "phase": "joining"}) == 1
    app.owned = {0: bench.partition}
    app.phase.enter("running")
    await injector.round(app.owned)
    injector.inputs[0].unapplied = steady() + 100  # a tick that has not been applied yet
    where = {"stage": stage, "partition": "0"}
    assert made.get_sample_value("tocsin_worker_phase", {"stage": stage, "phase": "running"}) == 1
    assert made.get_sample_value("tocsin_worker_phase", {"stage": stage, "phase": "joining"}) == 0
    assert made.get_sample_value("tocsin_worker_position_total", where) == bench.partition.position
    assert made.get_sample_value("tocsin_worker_rows", where) == len(bench.partition.machine.rows)
    assert (made.get_sample_value("tocsin_worker_waiting_seconds", where) or 0) < 0
    assert made.get_sample_value("tocsin_worker_unwritten_seconds", where) is not None


async def test_where_it_is_asked() -> None:
    """At the address of the settings; nowhere without one; an address that is taken is the operator's to change."""
    bench, config, port = Bench(), worker_config(), free_port()
    injector = Injector(config, bench.producer, Feed(SIGNER))
    app = StageApp(config)
    listen(config.settings, app, injector)
    settings = replace(config.settings, metrics=("127.0.0.1", port))
    listen(settings, app, injector)
    async with httpx.AsyncClient() as client:
        assert "tocsin_worker_phase" in (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    with pytest.raises(Misconfigured, match="TOCSIN_METRICS_LISTEN"):
        listen(settings, app, injector)
