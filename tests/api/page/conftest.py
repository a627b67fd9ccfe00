"""A real browser with the page of an administrator in it; its tests are skipped where there is no Chromium."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from api.dependencies import Dependencies
from api.http.serve import clock
from tests.api.browser import PROGRAM, Browser, Page, called, chromium
from tests.api.conftest import ADMIN
from tests.api.page.harness import LIVE


@pytest.fixture
def dependencies(dependencies: Dependencies) -> Dependencies:
    """A browser's cookies end by the real clock."""
    return replace(dependencies, now=clock)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One browser for all tests of this folder."""
    if not PROGRAM:
        pytest.skip("no `chromium` on the path: the page was not looked at")
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
    await opened.until(LIVE)
    return opened
