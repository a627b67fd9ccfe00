"""Which Java runs the broker, and what is said when it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.embedded import java
from deploy.embedded.aot import train
from deploy.embedded.java import Java, Profile, find_java
from deploy.embedded.runtime import Runtime
from streams.errors import Misconfigured


def java_home(folder: Path, version: str) -> Path:
    """A folder that looks like an installed Java of this version."""
    (folder / "bin").mkdir()
    (folder / "release").write_text(f'JAVA_VERSION="{version}"\n')
    return folder / "bin" / "java"


@pytest.mark.parametrize(("said", "version"), [("25.0.2", 25), ("17.0.15", 17), ("21", 21)])
def test_the_version_is_read_beside_the_launcher(tmp_path: Path, said: str, version: int) -> None:
    """Java itself is not started for that."""
    assert find_java(str(java_home(tmp_path, said))).version == version


def test_a_java_that_is_too_old_is_refused(tmp_path: Path) -> None:
    """The message names both versions and the setting."""
    with pytest.raises(Misconfigured, match="is Java 8, and Kafka needs 17 or newer: set TOCSIN_JAVA"):
        find_java(str(java_home(tmp_path, "1.8.0_402")))


def test_a_java_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The message names the setting and the file."""
    with pytest.raises(Misconfigured, match=r"TOCSIN_JAVA names .*nowhere"):
        find_java(str(tmp_path / "nowhere"))


def test_a_java_that_says_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up after a while, and named."""
    monkeypatch.setattr(java, "ANSWER", 0.2)
    launcher = tmp_path / "java"
    launcher.write_text("#!/bin/sh\nexec sleep 30\n")
    launcher.chmod(0o755)
    with pytest.raises(Misconfigured, match=r"TOCSIN_JAVA names .*says nothing"):
        find_java(str(launcher))


def test_without_a_cache_the_broker_starts_all_the_same(tmp_path: Path) -> None:
    """An older Java gets no flag that it does not know, and the reason can be told."""
    runtime = Runtime(Java(Path("/java"), 21), (), "4.4.0", tmp_path)
    assert not any("AOT" in word for word in runtime.command(Profile.TEST, Path("p")))
    assert "Java 21 keeps no AOT cache" in str(runtime.slow_because(Profile.TEST))


def test_a_cache_is_used_where_there_is_one(tmp_path: Path) -> None:
    """One serves all profiles: its name covers every flag but the sizes of the heap, which Java lets differ."""
    runtime = Runtime(Java(Path("/java"), 25), (), "4.4.0", tmp_path)
    runtime.aot_cache(Profile.TEST).touch()
    assert f"-XX:AOTCache={runtime.aot_cache(Profile.TEST)}" in runtime.command(Profile.TEST, Path("p"))
    assert runtime.slow_because(Profile.DAILY) is None


def test_a_broker_that_makes_no_cache_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never serves would go on running beside the real one."""
    ended: list[str] = []

    class Stuck:
        pid = None

        def __init__(self, *_: object, **__: object) -> None:
            """Of a throw-away directory."""

        def start(self, timeout: float | None) -> None:
            """It begins."""

        def wait_ready(self, timeout: float) -> None:
            raise Misconfigured("it hangs")

        def kill(self) -> None:
            ended.append("killed")

    monkeypatch.setattr("deploy.embedded.aot.Broker", Stuck)
    runtime = Runtime(Java(Path("/java"), 25), (), "4.4.0", tmp_path)
    assert "it hangs" in str(train(runtime, Profile.TEST))
    assert ended == ["killed"]
