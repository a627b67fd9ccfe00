"""What a broker needs on disk before it can start: a Java, the verified jars and, where possible, an AOT cache.

The AOT cache (JEP 483, 514) is Java's memory of a former start: with it Kafka opens its port in 1.1 s instead of 3.5.
It is an advantage, never a condition: where there is none, `slow_because` says why, and all works without.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.embedded.jar import Jar, kafka_version, pinned
from deploy.embedded.jars import Jars, cache_directory, maven_repository
from deploy.embedded.java import Java, Profile, find_java
from deploy.embedded.network import Network, pip_configuration

MAIN = "kafka.Kafka"


@dataclass(frozen=True)
class Runtime:
    """A Java, a class path and the directory of AOT caches."""

    java: Java
    jars: tuple[Path, ...]
    kafka: str
    caches: Path

    def aot_cache(self, profile: Profile) -> Path:
        """The cache's file: its name covers all that has to be the same between the training run and the real one.

        The sizes of the heap need not be, so one cache serves all profiles.
        """
        stamps = [f"{jar}:{jar.stat().st_size}:{jar.stat().st_mtime_ns}" for jar in self.jars]
        flags = [flag for flag in profile.value if not flag.startswith(("-Xms", "-Xmx"))]
        same = "\n".join([str(self.java.launcher.resolve()), str(self.java.version), *flags, *stamps])
        return self.caches / f"kafka-{self.kafka}-{hashlib.sha256(same.encode()).hexdigest()[:16]}.aot"

    def slow_because(self, profile: Profile) -> str | None:
        """Why brokers start without an AOT cache; None if they start with one."""
        if not self.java.keeps_aot_caches:
            return f"Java {self.java.version} keeps no AOT cache; the one that `make setup` installs does"
        return (
            None if self.aot_cache(profile).is_file() else "the AOT cache has not been made: run `make setup`"
        )

    def command(self, profile: Profile, properties: Path, flags: tuple[str, ...] | None = None) -> list[str]:
        """The command line that runs a broker; `flags` replace the use of the AOT cache, for a training run."""
        if flags is None:
            flags = () if self.slow_because(profile) else (f"-XX:AOTCache={self.aot_cache(profile)}",)
        options = [*profile.value, *flags, "-XX:+ExitOnOutOfMemoryError", *_LOGGING, *_quiet(self.java)]
        return [
            str(self.java.launcher),
            *options,
            "-cp",
            ":".join(map(str, self.jars)),
            MAIN,
            str(properties),
        ]


_LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.clients.NetworkClient=error",  # it warns at every clean stop
    "-Xlog:disable",  # Java's own warnings go where a person looks for the broker's, and only confuse there
    "-Xlog:all=error:stderr",
)


def _quiet(java: Java) -> tuple[str, ...]:
    """Two flags that newer Javas want said before Kafka's libraries do what they always did."""
    return (
        ("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED")
        if java.version >= 24
        else ()
    )


def find_runtime(environ: Mapping[str, str]) -> Runtime:
    """Java, and where the jars of the lock lie on this machine, whether they have been fetched or not."""
    cache, jars = cache_directory(environ), pinned()
    files = tuple(cache / "jars" / jar.file for jar in jars)
    return Runtime(find_java(environ.get("TOCSIN_JAVA")), files, kafka_version(jars), cache / "aot")


def install(
    environ: Mapping[str, str], progress: Callable[[tuple[Jar, ...], Jars], None] | None = None
) -> Runtime:
    """A runtime whose jars are all there and verified; what is missing is fetched, under the eyes of `progress`.

    Misconfigured says what to change when the repository cannot be reached. Takes 0.1 s when nothing is missing.
    """
    jars = Jars(cache_directory(environ) / "jars", "")
    missing = jars.missing(pinned())
    if missing:
        network = Network.read(environ, pip_configuration())
        jars = replace(jars, repository=maven_repository(environ), network=network)
        (progress or _fetch)(missing, jars)
    return find_runtime(environ)


def _fetch(missing: tuple[Jar, ...], jars: Jars) -> None:
    jars.fetch(missing)
