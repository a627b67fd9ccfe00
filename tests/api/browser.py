"""A real browser for tests of the page: Chromium without a window, driven by the DevTools protocol."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import subprocess
import time
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

from tests.patience import PATIENCE

PROGRAM = shutil.which("chromium") or shutil.which("google-chrome") or ""
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
    "--remote-debugging-port=0",
)


@contextmanager
def chromium(folder: Path) -> Iterator[str]:
    """A browser with a profile of its own in `folder`, which ends with the context; where it is to be called."""
    said = subprocess.DEVNULL
    with subprocess.Popen(
        [PROGRAM, *OPTIONS, f"--user-data-dir={folder}"], stdout=said, stderr=said
    ) as child:
        try:
            yield _address(folder / "DevToolsActivePort")
        finally:
            child.terminate()


def _address(file: Path) -> str:
    end = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < end:
        with suppress(FileNotFoundError, ValueError):
            port, path = file.read_text().split("\n")[:2]
            return f"http://127.0.0.1:{port}{path}"
        time.sleep(0.05)
    raise TimeoutError("Chromium never said where it listens")


@asynccontextmanager
async def called(address: str) -> AsyncIterator[Browser]:
    """The browser at this address; the pages that are opened in it are closed with the context."""
    async with aiohttp.ClientSession() as session, session.ws_connect(address, max_msg_size=0) as socket:
        browser = Browser(socket)
        hearing = asyncio.create_task(browser.hear())
        yield browser
        await browser.close()
        hearing.cancel()


class Browser:
    """Calls of the protocol, their answers, and the events of each page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """`socket`: that of the whole browser; pages have sessions in it."""
        self._socket, self._numbers = socket, itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}
        self._contexts: list[str] = []

    async def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """One call; AssertionError with Chromium's words where it fails."""
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        said = {"id": number, "method": method, "params": params} | (
            {"sessionId": session} if session else {}
        )
        await self._socket.send_json(said)
        answer = await asyncio.wait_for(self._answers[number], PATIENCE)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return dict(answer["result"])

    async def hear(self) -> None:
        """Give answers to those who wait, and events to their pages."""
        async for message in self._socket:
            said = json.loads(message.data)
            if (waiting := self._answers.pop(said.get("id", 0), None)) is not None:
                waiting.set_result(said)
            elif page := self._pages.get(said.get("sessionId", "")):
                page.note(said["method"], said["params"])

    async def close(self) -> None:
        """Close all pages, so that none follows a stream any more."""
        for context in self._contexts:
            await self.call("Target.disposeBrowserContext", browserContextId=context)

    async def page(self, width: int = 1200, height: int = 800) -> Page:
        """A new page with cookies of its own, as another person's browser would have."""
        context = (await self.call("Target.createBrowserContext"))["browserContextId"]
        self._contexts.append(context)
        made = await self.call(
            "Target.createTarget", url="about:blank", browserContextId=context, width=width, height=height
        )
        attached = await self.call("Target.attachToTarget", targetId=made["targetId"], flatten=True)
        page = self._pages[attached["sessionId"]] = Page(self, attached["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Network"):
            await page.call(f"{domain}.enable")
        return page


class Page:
    """What a person does with a page and sees of it. `errors`: all that its console complained of."""

    def __init__(self, browser: Browser, session: str) -> None:
        """`session`: which of the browser's pages it is."""
        self._browser, self._session, self.errors = browser, session, list[str]()
        self.asked: list[str] = []
        self._refused: dict[str, str] = {}

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One call of the protocol about this page."""
        return await self._browser.call(method, self._session, **params)

    def note(self, method: str, params: dict[str, Any]) -> None:
        """Keep what went wrong, and which addresses were asked for."""
        if method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(params["exceptionDetails"].get("exception", {})))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.errors.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            self.errors.append(str([one.get("value") for one in params["args"]]))
        elif method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif method == "Network.responseReceived" and params["response"]["status"] >= 400:
            self._refused[params["requestId"]] = f"{params['response']['status']} {params['response']['url']}"

    async def refusals(self) -> list[str]:
        """What was answered 4xx or 5xx, each with the words of the answer, for whoever asks why."""
        told = []
        for request, what in self._refused.items():
            try:
                body = (await self.call("Network.getResponseBody", requestId=request))["body"]
            except AssertionError as why:  # the page that asked has gone
                body = str(why)
            told.append(f"{what}: {body[:2_000]}")
        return told

    async def open(self, url: str) -> None:
        """Go there, and wait until all of it has been loaded."""
        await self.evaluate("void (window.isLeft = true)")  # until another document has taken its place
        went = await self.call("Page.navigate", url=url)
        left = "!window.isLeft" if "loaderId" in went else "true"
        await self.until(f"{left} && location.href !== 'about:blank' && document.readyState === 'complete'")

    async def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, promises awaited."""
        found = await self._evaluated(expression)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    async def _evaluated(self, expression: str) -> dict[str, Any]:
        return await self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True
        )

    async def until(self, expression: str, patience: float = PATIENCE) -> Any:
        """Wait until it is true; its value. AssertionError shows what the page says instead.

        What cannot be asked yet, since the page is still being built, is not true yet.
        """
        end = time.monotonic() + patience
        while True:
            found = await self._evaluated(expression)
            value = None if "exceptionDetails" in found else found["result"].get("value")
            if value not in (None, False, 0, ""):
                return value
            assert time.monotonic() < end, (
                f"never {expression}; {found.get('exceptionDetails')}; {await self.text()}; {self.errors}"
            )
            await asyncio.sleep(0.05)

    async def text(self) -> str:
        """All that can be read."""
        return str(await self.evaluate("document.body.innerText"))

    async def click(self, words: str) -> None:
        """A real click on the first button or link that begins so, or label that says so, and that nothing covers.

        It has to stay where it is from one look to the next: what is still being laid out would be missed.
        """
        before, place = None, await self._place(words)
        while place != before:
            await asyncio.sleep(0.05)
            before, place = place, await self._place(words)
        for kind in ("mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1
            )

    async def _place(self, words: str) -> list[float]:
        wanted = json.dumps(words)
        place: list[float] = await self.until(
            "(() => { for (const one of ['button,a,summary', 'label']"
            ".flatMap((kind) => [...document.querySelectorAll(kind)])) {"
            " const said = one.innerText.trim();"
            f" if (one.tagName === 'LABEL' ? said !== {wanted} : !said.startsWith({wanted})) continue;"
            " if (!one.offsetParent) continue;"
            " one.scrollIntoView({block: 'center'}); const at = one.getBoundingClientRect();"
            " const place = [at.x + at.width / 2, at.y + at.height / 2];"
            " if (one.contains(document.elementFromPoint(...place))) return place; } return null; })()"
        )
        return place

    async def write(self, text: str) -> None:
        """Type into what has the focus."""
        await self.call("Input.insertText", text=text)

    async def press(self, key: str, code: int = 0) -> None:
        """One key, by its DOM name; `code`: its key code where it writes nothing, as in Tab (9)."""
        text = key if len(key) == 1 else "\r" if key == "Enter" else ""
        more = {"text": text} if text else {}
        of = {"key": key, "windowsVirtualKeyCode": code or (13 if key == "Enter" else 0)}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **of, **more)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **of)

    async def picture(self, whole: bool = False) -> bytes:
        """A PNG of what is seen, or of all there is; for whoever wants to look."""
        shot = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return b64decode(shot["data"])
