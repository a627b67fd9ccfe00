"""Stored documents in, the YAML of a file out that `tocsin apply` takes back unchanged; secrets are masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

import yaml

from api.files.yaml_spelling import WIDE, fields_of
from streams.documents.document import Owned
from streams.documents.registry import SECTIONS
from streams.limit import exact, positional

TOGETHER = 200  # documents that are spelled at once


class Exported(NamedTuple):
    """One document; `masked`: its body as answers show it; `secrets`: its fields that are hidden there."""

    document: Owned
    masked: Mapping[str, Any]
    secrets: tuple[str, ...]


class LostDocument(NamedTuple):
    """One that cannot be read as it is stored."""

    kind: str
    team: str
    name: str


def exported(documents: Iterable[Exported | LostDocument]) -> Iterator[str]:
    """The file piece by piece, section by section; of what cannot be read it says so. Documents come by their kind."""
    sections = {kind: section for section, kind in SECTIONS.items()}
    for kind, some in groupby(documents, _kind):
        readable: list[dict[str, Any]] = []
        begun = False
        for each in some:
            if isinstance(each, LostDocument):
                yield f"# {each.kind} {each.name} of team {each.team} is left out: what is stored cannot be read\n"
                continue
            readable.append(fields_of(*each))
            if len(readable) == TOGETHER:
                yield _spelled(sections[kind], readable, begun)
                readable, begun = [], True
        if readable:
            yield _spelled(sections[kind], readable, begun)


def _kind(each: Exported | LostDocument) -> str:
    return each.kind if isinstance(each, LostDocument) else each.document.type


def _spelled(section: str, bodies: list[dict[str, Any]], begun: bool) -> str:
    """A section, or more of one that has begun."""
    text = str(yaml.dump(bodies, Dumper=_Quick, sort_keys=False, allow_unicode=True, width=WIDE))
    return text if begun else f"{section}:\n{text}"


class _Quick(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # libyaml, ten times as quick
    """Repeats what is said twice, instead of naming it by an anchor, which a reader would have to look up."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # the library's own signature
        """Always."""
        return True


def _number(dumper: Any, value: float) -> Any:
    """Without an exponent, as a threshold is kept that is a number: 0.0000001, and not 1.0e-07."""
    return dumper.represent_scalar("tag:yaml.org,2002:float", positional(exact(value)))


_Quick.add_representer(float, _number)
