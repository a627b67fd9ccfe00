"""Documents as people write them in YAML files: every scalar is text, and every field knows its line.

YAML 1.1 would make 10:00 a number and `on` a truth value; so nothing is resolved here, and the documents'
own types read the text. An empty value is no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from api.files.yaml_depth import Shallow
from api.files.yaml_structure import flaws, line, unreadable
from streams.documents.registry import SECTIONS
from streams.errors import Refused
from streams.text.nearest import nearest

FILES = "files"  # what the header Tocsin-From says where files are applied
LARGEST = 4 << 20  # signs of one file


class YamlDocument(NamedTuple):
    """One document with the places where its fields stand. `lines`: dotted path → line, from 1; "" is its first."""

    kind: str
    body: dict[str, Any]
    file: str
    lines: dict[str, int]

    def line(self, path: str) -> int:
        """The line of a field, or of what encloses it where it is not written."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines[path]


class Trouble(NamedTuple):
    """What is wrong at one place of a file, and the corrected line where there is an obvious one."""

    file: str
    line: int
    says: str
    instead: str = ""

    def __str__(self) -> str:
        """As it is printed: file:line: words, then the corrected line."""
        return f"{self.file}:{self.line}: {self.says}" + (
            f"\n    instead: {self.instead}" if self.instead else ""
        )


def files(paths: Sequence[Path]) -> list[Path]:
    """The YAML files below the paths, in order; Refused names a path that is not there."""
    yaml_files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise Refused(f"{path}: there is no such file or folder")
        inside = sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml") and p.is_file())
        yaml_files += inside if path.is_dir() else [path]
    if not yaml_files:
        raise Refused(f"{', '.join(map(str, paths))}: there is no .yaml or .yml file in it")
    return yaml_files


def read(text: str, file: str) -> tuple[list[YamlDocument], list[Trouble]]:
    """All documents in one file and what is wrong with its outline."""
    if len(text) > LARGEST:
        return [], [Trouble(file, 1, f"this is larger than {LARGEST >> 20} MB: split it into several files")]
    try:
        nodes = [node for node in yaml.compose_all(text, Shallow) if node is not None and not _blank(node)]
    except yaml.YAMLError as why:
        return [], [Trouble(file, *unreadable(why, text))]
    wrong = [flaw for node in nodes for flaw in flaws(node)]
    if grave := [Trouble(file, flaw.line, flaw.says) for flaw in wrong if flaw.grave]:
        return [], grave
    documents: list[YamlDocument] = []
    troubles = [Trouble(file, flaw.line, flaw.says) for flaw in wrong]
    for entry in (entry for node in nodes for entry in _sections(node, file, text)):
        (documents if isinstance(entry, YamlDocument) else troubles).append(entry)  # type: ignore[arg-type]
    return documents, troubles


def _blank(node: yaml.Node) -> bool:
    """Whether nothing stands between two `---`."""
    return isinstance(node, yaml.ScalarNode) and node.value == ""


def _sections(top: yaml.Node, file: str, text: str) -> Iterator[YamlDocument | Trouble]:
    if not isinstance(top, yaml.MappingNode):
        kind = "a list" if isinstance(top, yaml.SequenceNode) else "text"
        yield Trouble(
            file, line(top), f"a file holds sections ({', '.join(SECTIONS)}), not {kind}: begin with `rules:`"
        )
        return
    for key, entries in top.value:
        if key.value not in SECTIONS:
            yield misspelled(file, line(key), str(key.value), list(SECTIONS), "section", text)
        elif not isinstance(entries, yaml.SequenceNode):
            yield Trouble(
                file, line(key), f"`{key.value}` must hold a list: begin each document with `- name: …`"
            )
        else:
            yield from _documents(SECTIONS[key.value], entries, file)


def _documents(kind: str, entries: yaml.SequenceNode, file: str) -> Iterator[YamlDocument | Trouble]:
    for node in entries.value:
        if not isinstance(node, yaml.MappingNode):
            yield Trouble(file, line(node), f"a {kind} is a list of fields that begins with `- name: …`")
            continue
        lines = {"": line(node)}
        yield YamlDocument(kind, _value(node, "", lines), file, lines)


def _value(node: yaml.Node, path: str, lines: dict[str, int]) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return None if node.value in ("", "~", "null") and node.style is None else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_placed(item, item, f"{path}.{n}", lines) for n, item in enumerate(node.value)]
    return {key.value: _placed(key, item, f"{path}.{key.value}", lines) for key, item in node.value}


def _placed(where: yaml.Node, node: yaml.Node, path: str, lines: dict[str, int]) -> Any:
    path = path.lstrip(".")
    lines[path] = line(where)
    return _value(node, path, lines)


def misspelled(file: str, at: int, word: str, known: list[str], what: str, text: str) -> Trouble:
    """A word that is not known, with the nearest one that is, and the line as it should read."""
    near = nearest(word, known)
    says = f"there is no {what} `{word}`" + (
        f"; did you mean `{near[0]}`?" if near else f": one of {', '.join(known)}"
    )
    written = text.splitlines()[at - 1] if 0 < at <= len(text.splitlines()) else ""
    whole = rf"(?<![\w-]){re.escape(word)}(?![\w-])"
    return Trouble(file, at, says, re.sub(whole, near[0], written, count=1).strip() if near else "")
