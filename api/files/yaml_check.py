"""A written document, checked: the typed document, or each wrong field with its line and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from api.documents.endpoint_check import flaws
from api.files.yaml_documents import Trouble, YamlDocument, misspelled
from streams.documents.conditions.condition import Condition
from streams.documents.document import MOST, Owned, Part, called, values
from streams.documents.oncall.override import Override, Swap
from streams.documents.oncall.person import Contact
from streams.documents.oncall.rotation import Layer
from streams.documents.policy import Step
from streams.documents.registry import KINDS
from streams.documents.rule import Routing
from streams.fault import path as dotted
from streams.fault import sentence

TOLD = 20  # wrong fields of one document that are told one by one
_PARTS: dict[str, type[Part]] = {
    "steps": Step,
    "routing": Routing,
    "condition": Condition,
    "contact": Contact,
    "layers": Layer,
    "overrides": Override,
    "swaps": Swap,
}


def check(one: YamlDocument, text: str) -> Owned | list[Trouble]:
    """The typed document in `one`; else its troubles in the order of their lines. `text`: the whole file."""
    if values(one.body) > MOST:
        says = f"{one.kind} {called(one.body)}: holds more than {MOST} values: no document does"
        return [Trouble(one.file, one.line(""), says)]
    try:
        document = KINDS[one.kind].variant(one.body).model_validate(one.body)
        troubles = [
            Trouble(one.file, one.line(field), f"{one.kind} {document.name}: `{field}`: {says}")
            for field, says in flaws(document)
        ]
        return troubles or document
    except ValidationError as why:
        errors = why.errors(include_url=False)
        told = sorted((_trouble(one, error, text) for error in errors[:TOLD]), key=lambda it: it.line)
        more = f"{one.kind} {called(one.body)}: {len(errors) - TOLD} more fields are wrong"
        return [*told, Trouble(one.file, one.line(""), more)] if len(errors) > TOLD else told


def _trouble(one: YamlDocument, error: Any, text: str) -> Trouble:
    path = _path(one, error["loc"])
    path = "" if path == "condition" and "condition" not in one.body else path
    says = sentence(path, error)
    line = one.line(path or _quoted(one, says))
    if error["type"] == "extra_forbidden":
        return misspelled(
            one.file, line, path.rpartition(".")[2], known(one.kind, path, one.body), "field", text
        )
    name = f"{one.kind} {called(one.body)}"
    return Trouble(one.file, line, f"{name}: {says}")


def _quoted(one: YamlDocument, says: str) -> str:
    """The field that a sentence about the whole document names or quotes; empty where it does neither."""
    for path in filter(None, one.lines):
        value = one.body.get(path)
        if f"`{path}`" in says or (isinstance(value, str) and repr(value)[:80] in says):
            return path
    return ""


def _path(one: YamlDocument, loc: tuple[Any, ...]) -> str:
    """The dotted path as it is written: in files a rule's condition has no level of its own."""
    inner = loc[:1] == ("condition",) and "condition" not in one.body
    return dotted(loc[1:] if inner and len(loc) > 1 else loc)


def known(kind: str, path: str, body: Mapping[str, Any]) -> list[str]:
    """The names that may stand where the path's last part stands."""
    part = _PARTS.get(path.split(".", 1)[0]) if "." in path else None
    return (
        [f.alias or key for key, f in part.model_fields.items()]
        if part
        else KINDS[kind].variant(body).fields()
    )
