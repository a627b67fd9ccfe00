"""Writes `jars.lock` anew: the only place that resolves Maven's dependency metadata; a run never does."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from deploy.embedded.jars import cache_directory, maven_repository

# slf4j-simple: Kafka's published dependencies name a logging facade and no backend, which leaves the broker mute.
ROOTS = ("org.apache.kafka:kafka_2.13:4.4.0", "org.slf4j:slf4j-simple:1.7.36")


def resolve(environ: Mapping[str, str]) -> str:
    """The text of the lock for ROOTS and all that they need."""
    from jgo.maven import MavenContext

    repositories = {"repository": maven_repository(environ)}
    context = MavenContext(
        repo_cache=cache_directory(environ) / "maven", remote_repos=repositories, timeout=60
    )
    roots, needed = context.resolver.resolve([context.create_dependency(root) for root in ROOTS])
    rows = sorted({_row(each.artifact) for each in (*roots, *needed)})
    return "\n".join(["# coordinates\tfile\tsize\tsha256", *("\t".join(row) for row in rows)]) + "\n"


def _row(artifact: object) -> tuple[str, str, str, str]:
    """jgo's artefact, fetched, as one line of the lock."""
    file = Path(str(artifact.resolve()))  # type: ignore[attr-defined]  # jgo's artefacts are untyped here
    content = file.read_bytes()
    names = (str(getattr(artifact, name)) for name in ("groupId", "artifactId", "version"))
    return ":".join(names), file.name, str(len(content)), hashlib.sha256(content).hexdigest()
