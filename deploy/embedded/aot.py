"""Makes the AOT cache of a runtime once: a broker that starts and stops on a throw-away directory, watched by Java."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from deploy.embedded.broker import Broker
from deploy.embedded.java import Profile
from deploy.embedded.runtime import Runtime
from deploy.slots import Slot
from streams.errors import Failure

_STOP = 60.0  # seconds; Java writes the cache after the program has ended, which takes 7 s on two slow cores


def train(runtime: Runtime, profile: Profile) -> str | None:
    """Make the cache unless it is there; returns why it could not be made, or None. Never raises: all works without."""
    if not runtime.java.keeps_aot_caches:
        return runtime.slow_because(profile)
    cache = runtime.aot_cache(profile)
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        with Slot(cache.parent / ".lock").hold(wait=True):
            return None if cache.is_file() else _train(runtime, profile, cache)
    except (Failure, OSError) as failure:
        return f"the AOT cache could not be made: {failure}"


def _train(runtime: Runtime, profile: Profile, cache: Path) -> str | None:
    draft = cache.with_suffix(".new")
    with tempfile.TemporaryDirectory(prefix="tocsin-aot-") as data:
        broker = Broker(Path(data), runtime, profile=profile, flags=(f"-XX:AOTCacheOutput={draft}",))
        broker.start(timeout=None)
        try:
            if broker.pid:
                os.setpriority(os.PRIO_PROCESS, broker.pid, 19)  # it may run beside real work
            broker.wait_ready(180.0)
            broker.stop(_STOP)
        finally:
            broker.kill()  # one that did not come up; else nothing
    if not draft.is_file():
        return "Java wrote no AOT cache"
    draft.replace(cache)
    return None
