"""A real browser with the page of an administrator in it; its tests are skipped where there is no Chromium."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from api.dependencies import Dependencies
from api.http.serve import clock
from tests.api.browser import Browser, Page
from tests.api.conftest import ADMIN
from tests.api.page.harness import LIVE


@pytest.fixture
def dependencies(dependencies: Dependencies) -> Dependencies:
    """A browser's cookies end by the real clock."""
    return replace(dependencies, now=clock)


@pytest.fixture
async def page(browser: Browser, served: str, dependencies: Dependencies) -> Page:
    """A page on which an administrator has signed in with a link."""
    opened = await browser.page()
    await opened.open(f"{served}/#code={dependencies.signin.new(ADMIN, int(time.time()))}")
    await opened.until(LIVE)
    return opened
