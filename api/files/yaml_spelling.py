"""A document as a person would write it in a file, and such a text read back: what is as by default is left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import yaml

from api.files.yaml_documents import Trouble, YamlDocument, read
from streams.documents.conditions.condition import Condition
from streams.documents.conditions.threshold import THRESHOLDS, ThresholdFields
from streams.documents.document import MOST, Owned
from streams.documents.registry import SECTIONS
from streams.documents.rule import Rule
from streams.limit import WrittenNumber, limit_text

WIDE = 100  # signs of a line
SIGNS, PER_VALUE = ",:-\n", 2  # what parts values, and how often such stand with one
OURS = frozenset({"file"})  # fields that no person writes


def spelled(document: Owned, masked: Mapping[str, Any], secrets: Collection[str] = ()) -> str:
    """The YAML of one document below its section. `secrets`: the fields that are taken from `masked` instead."""
    body = fields_of(document, masked, secrets, OURS)
    section = next(section for section, kind in SECTIONS.items() if kind == document.type)
    return str(yaml.safe_dump({section: [body]}, sort_keys=False, allow_unicode=True, width=WIDE))


def fields_of(
    document: Owned, masked: Mapping[str, Any], secrets: Collection[str], hidden: Collection[str] = ()
) -> dict[str, Any]:
    """What is not as by default, those of `secrets` as `masked` has them, without those that are `hidden`."""
    fields = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if isinstance(document, Rule):
        fields = _flat(fields, document.condition)
    return {
        name: masked[name] if name in secrets else value
        for name, value in fields.items()
        if name not in hidden and name not in document.kept_fields
    }


def respelled(section: str, body: Mapping[str, Any]) -> str:
    """The YAML of a body of texts, as `written` reads them; quotes stand only where our reader needs them."""
    return str(yaml.dump({section: [body]}, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=WIDE))


class _Plain(yaml.SafeDumper):
    """Writes texts without quotes that our reader takes as texts anyway: 10:00, 20, yes."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # the library's own table: what is taken for nothing stays quoted
        letter: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":null", ":merge"))]
        for letter, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
    }


def _flat(fields: Mapping[str, Any], typed: Condition) -> dict[str, Any]:
    """A rule's fields with its condition's beside them: what it looks at, the bounds of that, then the rest."""
    condition = {
        name: _limit(value, typed) if name in THRESHOLDS else value
        for name, value in fields["condition"].items()
        if value is not None
    }
    named = {name: fields[name] for name in ("name", "team", "description") if name in fields}
    looks = {name: value for name, value in condition.items() if name not in ThresholdFields.model_fields}
    return named | looks | condition | {name: fields[name] for name in fields if name != "condition"}


def _limit(value: Any, typed: Condition) -> Any:
    """A threshold so that it is read as it is kept: where a bare number would read otherwise, in per cent."""
    if isinstance(value, dict):
        return {severity: _limit(each, typed) for severity, each in value.items()}
    if isinstance(value, list):
        return [_limit(each, typed) for each in value]
    if isinstance(value, float) and typed.written(WrittenNumber(value, limit_text(value, False))) != value:
        return limit_text(value, True)
    return value


def written(text: str, section: str) -> YamlDocument | list[Trouble]:
    """The one document of a section that a text holds, its fields still to be checked; else what is wrong."""
    if sum(map(text.count, SIGNS)) > PER_VALUE * MOST:  # it takes seconds to read, and would be refused then
        return [Trouble("", 1, f"this holds more than {MOST} values: no document does")]
    documents, troubles = read(text, "")
    if troubles:
        return troubles
    if len(documents) != 1:
        says = f"write one document below `{section}:`, beginning with `- name: …`; here are {len(documents)}"
        return [Trouble("", 1, says)]
    (source,) = documents
    if source.kind != SECTIONS[section]:
        return [Trouble("", source.line(""), f"this is a {source.kind}, and belongs below `{section}:`")]
    return source
