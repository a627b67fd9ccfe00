"""The jars that run are exactly the pinned ones, whatever the network does."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from deploy.embedded.jar import Jar, kafka_version, pinned, read_lock
from deploy.embedded.jars import Jars, cache_directory
from streams.errors import Misconfigured

CONTENT = bytes(range(256)) * 400
JAR = Jar("org.example", "thing", "1.0", "thing-1.0.jar", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


class Repository(SimpleHTTPRequestHandler):
    """A Maven repository of one folder that honours ranges, as real ones do, and remembers what was asked."""

    asked: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        """Serve a file from where the client wants it."""
        wanted = self.headers.get("Range")
        self.asked.append((self.path, wanted))
        file = Path(self.translate_path(self.path))
        if not file.is_file():
            self.send_error(404)
            return
        begin = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        content = file.read_bytes()[begin:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path, content: bytes) -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """A repository that holds the jar with this content; gives its address and what it is asked."""
    file = folder / JAR.path
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    asked: list[tuple[str, str | None]] = []
    handler = type("Handler", (Repository,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def test_a_fetched_jar_is_whole_and_lies_under_its_final_name(tmp_path: Path) -> None:
    """After a fetch the file holds the pinned bytes, and no part file is left."""
    with serving(tmp_path / "repository", CONTENT) as (address, _):
        jars = Jars(tmp_path / "jars", address)
        jars.fetch((JAR,))
    assert not jars.missing((JAR,))
    assert not list(jars.directory.glob("*.part"))


def test_a_broken_off_download_goes_on_where_it_was(tmp_path: Path) -> None:
    """What has arrived is kept: only the rest is asked for."""
    with serving(tmp_path / "repository", CONTENT) as (address, asked):
        jars = Jars(tmp_path / "jars", address)
        jars.directory.mkdir()
        (jars.directory / f"{JAR.file}.part").write_bytes(CONTENT[:1000])
        jars.fetch((JAR,))
    assert asked == [(f"/{JAR.path}", "bytes=1000-")]
    assert JAR.is_whole(jars.directory / JAR.file)


def test_a_damaged_start_of_a_download_is_fetched_anew(tmp_path: Path) -> None:
    """A part file with wrong bytes costs one more request, and never poisons the cache."""
    with serving(tmp_path / "repository", CONTENT) as (address, asked):
        jars = Jars(tmp_path / "jars", address)
        jars.directory.mkdir()
        (jars.directory / f"{JAR.file}.part").write_bytes(b"x" * 1000)
        jars.fetch((JAR,))
    assert [wanted for _, wanted in asked] == ["bytes=1000-", None]
    assert JAR.is_whole(jars.directory / JAR.file)


@pytest.mark.parametrize("damage", [CONTENT[:-1], b"!" + CONTENT[1:], b""])
def test_a_damaged_file_counts_as_missing(tmp_path: Path, damage: bytes) -> None:
    """A truncated, altered or empty jar in the cache is fetched again."""
    (tmp_path / JAR.file).write_bytes(damage)
    assert Jars(tmp_path, "").missing((JAR,)) == (JAR,)


def test_a_repository_that_serves_other_bytes_is_refused(tmp_path: Path, quick: None) -> None:
    """The message names the file, the repository and the setting; nothing lies under the final name."""
    with serving(tmp_path / "repository", b"!" + CONTENT[1:]) as (address, asked):
        jars = Jars(tmp_path / "jars", address)
        with pytest.raises(Misconfigured, match=re.escape(address)) as refusal:
            jars.fetch((JAR,))
    assert JAR.file in str(refusal.value)
    assert "TOCSIN_MAVEN_REPOSITORY" in str(refusal.value)
    assert len(asked) == 5
    assert not (jars.directory / JAR.file).exists()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without their pauses."""
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _: None)


def test_a_repository_that_is_not_there_is_named(tmp_path: Path, quick: None) -> None:
    """A connection that is refused ends in one sentence for the operator."""
    with pytest.raises(Misconfigured, match="certificate variables"):
        Jars(tmp_path, "http://127.0.0.1:9").fetch((JAR,))


def test_the_lock_pins_one_kafka_and_every_file_once() -> None:
    """45 jars, no name twice, each with a full sum."""
    jars = pinned()
    assert kafka_version(jars) == "4.4.0"
    assert len({jar.file for jar in jars}) == len(jars) == 45
    assert all(re.fullmatch("[0-9a-f]{64}", jar.sha256) and jar.size > 0 for jar in jars)


def test_a_lock_is_read_row_by_row() -> None:
    """Coordinates become the path below which every Maven repository keeps the file."""
    (jar,) = read_lock("# head\norg.a.b:c:1\tc-1.jar\t3\tabc\n")
    assert jar.path == "org/a/b/c/1/c-1.jar"


def test_the_cache_follows_the_usual_variables() -> None:
    """Our own setting wins over the desktop's."""
    assert cache_directory({"TOCSIN_CACHE": "/a", "XDG_CACHE_HOME": "/b"}) == Path("/a")
    assert cache_directory({"XDG_CACHE_HOME": "/b"}) == Path("/b/tocsin")
    assert cache_directory({}) == Path("~/.cache/tocsin").expanduser()
