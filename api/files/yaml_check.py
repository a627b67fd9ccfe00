"""A written document, checked: the typed document, or each wrong field with its line and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from api.documents.endpoint_check import flaws
from api.documents.seal import HIDDEN
from api.files.yaml_documents import Trouble, YamlDocument, misspelled
from streams.documents.conditions.condition import Condition
from streams.documents.document import MOST, Owned, Part, called, values
from streams.documents.oncall.override import Override, Swap
from streams.documents.oncall.person import Contact
from streams.documents.oncall.rotation import Layer
from streams.documents.policy import Step
from streams.documents.registry import KINDS
from streams.documents.rule import Routing
from streams.text.fault import path as dotted
from streams.text.fault import sentence

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


def check(source: YamlDocument, text: str, masks: bool = False) -> Owned | list[Trouble]:
    """The typed document in `source`; else its troubles in the order of their lines. `text`: the whole file.

    `masks`: whether what hides a secret may stand for the stored one, as whoever has that will say.
    """
    if values(source.body) > MOST:
        says = f"{source.kind} {called(source.body)}: holds more than {MOST} values: no document does"
        return [Trouble(source.file, source.line(""), says)]
    try:
        document = KINDS[source.kind].variant(source.body).model_validate(source.body)
        troubles = [
            Trouble(source.file, source.line(field), f"{source.kind} {document.name}: `{field}`: {says}")
            for field, says in flaws(document)
            if not (masks and HIDDEN in str(source.body.get(field) or ""))
        ]
        return troubles or document
    except ValidationError as why:
        errors = why.errors(include_url=False)
        troubles = sorted((_trouble(source, error, text) for error in errors[:TOLD]), key=lambda it: it.line)
        more = f"{source.kind} {called(source.body)}: {len(errors) - TOLD} more fields are wrong"
        return [*troubles, Trouble(source.file, source.line(""), more)] if len(errors) > TOLD else troubles


def _trouble(source: YamlDocument, error: Any, text: str) -> Trouble:
    path = _path(source, error["loc"])
    path = "" if path == "condition" and "condition" not in source.body else path
    says = sentence(path, error)
    line = source.line(path or _quoted(source, says))
    if error["type"] == "extra_forbidden":
        return misspelled(
            source.file, line, path.rpartition(".")[2], known(source.kind, path, source.body), "field", text
        )
    name = f"{source.kind} {called(source.body)}"
    return Trouble(source.file, line, f"{name}: {says}")


def _quoted(source: YamlDocument, says: str) -> str:
    """The field that a sentence about the whole document names or quotes; empty where it does neither."""
    for path in filter(None, source.lines):
        value = source.body.get(path)
        if f"`{path}`" in says or (isinstance(value, str) and repr(value)[:80] in says):
            return path
    return ""


def _path(source: YamlDocument, loc: tuple[Any, ...]) -> str:
    """The dotted path as it is written: in files a rule's condition has no level of its own."""
    inner = loc[:1] == ("condition",) and "condition" not in source.body
    return dotted(loc[1:] if inner and len(loc) > 1 else loc)


def known(kind: str, path: str, body: Mapping[str, Any]) -> list[str]:
    """The names that may stand where the path's last part stands."""
    part = _PARTS.get(path.split(".", 1)[0]) if "." in path else None
    return (
        [f.alias or key for key, f in part.model_fields.items()]
        if part
        else KINDS[kind].variant(body).fields()
    )
