"""Fetches the broker's jars once, checks every byte against the lock, and leaves no half file under a final name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from deploy.embedded.jar import Jar
from deploy.embedded.network import Network
from deploy.slots import Slot
from streams.errors import Misconfigured

ATTEMPTS = 5
SETTING = "TOCSIN_MAVEN_REPOSITORY"


def cache_directory(environ: Mapping[str, str]) -> Path:
    """Where downloads are kept: TOCSIN_CACHE, else below XDG_CACHE_HOME, else below ~/.cache."""
    if environ.get("TOCSIN_CACHE"):
        return Path(environ["TOCSIN_CACHE"]).expanduser()
    return Path(environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "tocsin"


def maven_repository(environ: Mapping[str, str]) -> str:
    """The operator's Maven repository, else the public one, whose address the jgo package knows."""
    if environ.get(SETTING):
        return environ[SETTING].rstrip("/")
    from jgo.constants import MAVEN_CENTRAL_URL  # late: it costs 0.3 s, which only a download should pay

    return str(MAVEN_CENTRAL_URL)


@dataclass(frozen=True)
class Jars:
    """A directory of verified jars and the repository that missing ones come from."""

    directory: Path
    repository: str
    network: Network = Network()

    def missing(self, jars: tuple[Jar, ...]) -> tuple[Jar, ...]:
        """Those that are not there with exactly the pinned bytes; a damaged file counts as missing."""
        return tuple(jar for jar in jars if not jar.is_whole(self.directory / jar.file))

    def fetch(self, jars: tuple[Jar, ...], advanced: Callable[[int], None] = lambda _: None) -> None:
        """Bring in what is missing, four at a time; `advanced` hears of the bytes as they come.

        Misconfigured names the file and the setting when the repository cannot be reached or serves other bytes.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        with Slot(self.directory / ".lock").hold(wait=True), self.network.client() as client:
            wanted = self.missing(jars)  # again, since another process may have fetched them while we waited
            with ThreadPoolExecutor(4) as crew:
                list(crew.map(lambda jar: self._fetch(client, jar, advanced), wanted))

    def _fetch(self, client: httpx.Client, jar: Jar, advanced: Callable[[int], None]) -> None:
        again = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=0.5, max=8),
            retry=retry_if_exception_type(httpx.HTTPError),
            reraise=True,
        )
        try:
            again(self._attempt, client, jar, advanced)
        except httpx.HTTPError as failure:
            raise Misconfigured(
                f"{jar.file} could not be fetched from {self.repository}: {failure}. Check the network, the proxy and "
                f"certificate variables, or set {SETTING} to a Maven repository that this machine reaches; "
                "what has arrived is kept"
            ) from failure

    def _attempt(self, client: httpx.Client, jar: Jar, advanced: Callable[[int], None]) -> None:
        """One try: go on where the last one broke off, then accept the file only if its sum is right."""
        part = self.directory / f"{jar.file}.part"
        have = part.stat().st_size if part.exists() else 0
        if have < jar.size:
            _download(client, f"{self.repository}/{jar.path}", part, have, advanced)
        if not jar.is_whole(part):
            part.unlink()
            raise httpx.RemoteProtocolError(f"its SHA-256 is not the pinned {jar.sha256[:12]}…")
        part.replace(self.directory / jar.file)


def _download(
    client: httpx.Client, address: str, part: Path, have: int, advanced: Callable[[int], None]
) -> None:
    """Append to the part file; a repository that ignores the range sends all again, and the file starts anew."""
    wanted = {"Range": f"bytes={have}-"} if have else {}
    with client.stream("GET", address, headers=wanted) as answer:
        answer.raise_for_status()
        with part.open("ab" if answer.status_code == httpx.codes.PARTIAL_CONTENT else "wb") as file:
            for chunk in answer.iter_bytes():
                file.write(chunk)
                advanced(len(chunk))
