"""Every page by the rules of WCAG 2.1 AA, as axe-core knows them, light and dark: nothing serious."""

from __future__ import annotations

import httpx
import pytest

from api.pages import site
from streams.errors import Misconfigured
from tests.api.browser import Browser, Page
from tests.api.conftest import History
from tests.api.pages import axe
from tests.api.pages.harness import furnished

AT_REST = "document.querySelector('h1, h2') && !document.querySelector('.htmx-request, .htmx-settling')"
GRAVE = (
    "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] })"
    ".then(({ violations }) => violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))"
    ".map(({ id, nodes }) => `${id}: ${nodes.slice(0, 2).map((node) => `${node.html.slice(0, 160)} "
    "${node.failureSummary}`).join(' | ')}`))"
)


@pytest.fixture(scope="session")
def script(browser_address: str) -> str:
    """axe-core; skipped where there is no browser, or it cannot be had."""
    del browser_address
    try:
        return axe.script()
    except Misconfigured as why:
        pytest.skip(f"no axe-core, so nobody looked: {why}")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_nothing_serious(
    page: Page, served: str, admin: httpx.AsyncClient, history: History, script: str, dark: bool
) -> None:
    """The list and one alert, every page, a document with a form and its revisions."""
    own = await furnished(admin, history)
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    await page.call("Emulation.setEmulatedMedia", features=scheme)
    paths = {
        "/",
        "/#alert=a",
        "/documents/people/new",
        "/documents/endpoints/new",
        *site.PATHS,
        *own.values(),
    }
    found: dict[str, list[str]] = {}
    for path in sorted(paths - {"/documents"}):
        await page.open(f"{served}{path}")
        await page.until(AT_REST)
        await page.evaluate(f"{script}; void 0")
        if wrong := await page.evaluate(GRAVE):
            found[path] = wrong
    assert found == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_nothing_serious_before_the_sign_in(
    browser: Browser, served: str, script: str, dark: bool
) -> None:
    """The forms that somebody meets who is not signed in."""
    page = await browser.page()
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    await page.call("Emulation.setEmulatedMedia", features=scheme)
    for path in ("/", "/rules"):
        await page.open(f"{served}{path}")
        await page.until("/not signed in/.test(document.body.innerText)")
        await page.evaluate(f"{script}; void 0")
        assert await page.evaluate(GRAVE) == [], path


async def test_what_is_wrong_is_found(page: Page, served: str, script: str) -> None:
    """A button that nobody can name, and words that nobody can read, are told of."""
    await page.open(f"{served}/people")
    await page.until(AT_REST)
    wrong = "<button></button><p style>pale</p>"
    await page.evaluate(f"void document.getElementById('main').insertAdjacentHTML('beforeend', '{wrong}')")
    await page.evaluate("void (document.querySelector('p[style]').style.color = '#aaa')")
    await page.evaluate(f"{script}; void 0")
    assert {text.partition(":")[0] for text in await page.evaluate(GRAVE)} == {
        "button-name",
        "color-contrast",
    }
