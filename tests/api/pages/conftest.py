"""A browser in which an administrator has signed in, for tests of pages; skipped where there is no Chromium."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from api.dependencies import Dependencies
from api.http.serve import clock
from tests.api.browser import Browser, Page
from tests.api.conftest import ADMIN
from tests.api.pages.harness import SIGNED_IN

Opened = Callable[[str], Coroutine[Any, Any, None]]


@pytest.fixture
def dependencies(dependencies: Dependencies, request: pytest.FixtureRequest) -> Dependencies:
    """A browser's cookies end by the real clock; all else stands at one instant."""
    return replace(dependencies, now=clock) if "page" in request.fixturenames else dependencies


@pytest.fixture
async def page(browser: Browser, served: str, dependencies: Dependencies) -> Page:
    """A page on which an administrator has signed in with a link."""
    opened = await browser.page()
    await opened.open(f"{served}/#code={dependencies.signin.new(ADMIN, int(time.time()))}")
    await opened.until(SIGNED_IN)
    opened.errors.clear()  # that there was no session yet, which is what was waited for
    return opened
