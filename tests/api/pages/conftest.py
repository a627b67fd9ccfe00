"""A browser in which an administrator has signed in, for tests of pages; skipped where there is no Chromium."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any

import pytest

from api.dependencies import Dependencies
from api.http.serve import clock
from tests.api.browser import PROGRAM, Browser, Page, called, chromium
from tests.api.conftest import ADMIN
from tests.api.pages.harness import SIGNED_IN

Opened = Callable[[str], Coroutine[Any, Any, None]]


@pytest.fixture
def dependencies(dependencies: Dependencies, request: pytest.FixtureRequest) -> Dependencies:
    """A browser's cookies end by the real clock; all else stands at one instant."""
    return replace(dependencies, now=clock) if "page" in request.fixturenames else dependencies


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One browser for all tests of this folder."""
    if not PROGRAM:
        pytest.skip("no `chromium` on the path: the pages were not looked at")
    with chromium(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
async def browser(address: str) -> AsyncIterator[Browser]:
    """Its pages of this test."""
    async with called(address) as opened:
        yield opened


@pytest.fixture
async def page(browser: Browser, served: str, dependencies: Dependencies) -> Page:
    """A page on which an administrator has signed in with a link."""
    opened = await browser.page()
    await opened.open(f"{served}/#code={dependencies.signin.new(ADMIN, int(time.time()))}")
    await opened.until(SIGNED_IN)
    opened.errors.clear()  # that there was no session yet, which is what was waited for
    return opened
