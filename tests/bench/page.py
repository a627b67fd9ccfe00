"""The first view of a page, and a storm in an open one: how long its browser can do nothing else, how often it asks.

20 000 alerts are open and 5 000 come; the page of an administrator is open in a real Chromium without a window.
"""

from __future__ import annotations

import asyncio
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import URL

from api.dependencies import Dependencies
from api.http.app import create
from api.http.serve import clock
from api.queries.database import Database, reader
from tests.api.browser import PROGRAM, Page, called, chromium
from tests.api.conftest import ADMIN, Broker, History, Respond, wired
from tests.api.page.harness import LIVE, ROWS, says
from tests.bench.options import Options

OPEN, NEW, PARTS, LOOKS = 20_000, 5_000, 50, 5
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
WEIGHT = (
    "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
    ".filter(({ name }) => !name.includes('/stream')).reduce((sum, { transferSize }) => sum + transferSize, 0)"
)
HANGS = 180.0  # seconds
# Tasks of the page's own thread that took 50 ms or more.
WATCH = """(() => {
  window.tasks = [];
  new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => window.tasks.push(duration)))
    .observe({ entryTypes: ['longtask'] });
})()"""


def measure(options: Options) -> dict[str, Any]:
    """Milliseconds of the longest task, and what was asked for meanwhile."""
    if not PROGRAM:
        return {"skipped": "no `chromium` on the path"}
    options.folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_measured(options.folder))


async def _measured(folder: Path) -> dict[str, Any]:
    history = History(folder / "history.sqlite")
    database = Database(reader(URL.create("sqlite", database=str(folder / "history.sqlite"))))
    dependencies = replace(wired(folder, database, Respond(history), Broker()), now=clock)
    _storm(history, OPEN, "old")
    with _served(dependencies) as address, chromium(folder / "browser") as browser_address:
        async with called(browser_address) as browser:
            page = await browser.page()
            await page.open(f"{address}/#code={dependencies.signin.new(ADMIN, int(time.time()))}")
            await page.until(LIVE)
            first = await _first_view(page, address)
            return first | await _through(page, history)


async def _first_view(page: Page, address: str) -> dict[str, Any]:
    """When something is painted first, in a browser that has nothing yet, and how much it has asked for by then."""
    await page.call("Network.setCacheDisabled", cacheDisabled=True)
    paints: list[float] = []
    for _ in range(LOOKS):
        await page.open(f"{address}/?look={len(paints)}")
        await page.until(LIVE)
        paints.append(await page.evaluate(PAINTED))
    return {
        "first_paint_ms": round(statistics.median(paints)),
        "first_view_bytes": await page.evaluate(WEIGHT),
    }


async def _through(page: Page, history: History) -> dict[str, Any]:
    await page.evaluate(WATCH)
    page.asked.clear()
    begun = time.monotonic()
    for part in range(PARTS):
        await asyncio.to_thread(_storm, history, NEW // PARTS, f"new{part}-")
    await page.until(says(f"of {OPEN + NEW:,}"), HANGS)
    tasks = await page.evaluate("window.tasks")
    return {
        "open": OPEN, "new": NEW, "seconds": round(time.monotonic() - begun, 1),
        "longest_task_ms": max(tasks, default=0), "tasks_over_50_ms": len(tasks), "rows": await page.evaluate(ROWS),
        "looks_at_the_list": sum("/v1/alerts?" in url for url in page.asked), "complaints": page.errors,
    }  # fmt: skip


def _storm(history: History, count: int, name: str) -> None:
    history.write(*(history.change(f"{name}{n}", groups=(f"{name}{n}",)) for n in range(count)))


@contextmanager
def _served(dependencies: Dependencies) -> Iterator[str]:
    taken = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(create(dependencies), log_level="critical", timeout_graceful_shutdown=0)
    )
    thread = threading.Thread(target=server.run, args=([taken],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
