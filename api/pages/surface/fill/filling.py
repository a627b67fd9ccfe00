"""The text of an editor and what its form says in, the text as the form wants it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from api.files.yaml_spelling import respelled
from api.files.yaml_spelling import written as read
from api.pages.surface.fill import endpoint_form, person_form, rule_form
from api.pages.surface.fill.form_field import Body, FormField, Given
from streams.codes import RefusalCode
from streams.errors import Refused

PREFIX = "f-"  # of the names of a form's fields, which travel beside the text


class DocumentForm(NamedTuple):
    """The form of a kind of document."""

    fields: Callable[[Body], list[FormField]]
    written: Callable[[Body, Given], Body]


FORMS: dict[str, DocumentForm] = {
    "rules": DocumentForm(rule_form.fields, rule_form.written),
    "people": DocumentForm(person_form.fields, person_form.written),
    "endpoints": DocumentForm(endpoint_form.fields, endpoint_form.written),
}


def shown(section: str, text: str) -> list[FormField]:
    """The fields of the form beside a text; none where the section has no form, or the text cannot be read."""
    source = read(text, section) if section in FORMS else []
    return [] if isinstance(source, list) else FORMS[section].fields(_flat(source.body))


def filled(section: str, text: str, fields: Mapping[str, str]) -> str:
    """The text as the form says it; Refused where it cannot be read, so that nothing of it is lost."""
    if section not in FORMS:
        raise Refused(f"{section:.40} has no form: write the text", RefusalCode.NOT_FOUND)
    source = read(text, section)
    if isinstance(source, list):
        raise Refused(f"mend the text first: line {source[0].line}: {source[0].says}")
    given = {name.removeprefix(PREFIX): value for name, value in fields.items() if name.startswith(PREFIX)}
    return respelled(section, FORMS[section].written(_flat(source.body), given))


def _flat(body: Body) -> Body:
    """A rule's condition beside its other fields, as a form has it."""
    inner = body.get("condition")
    if not isinstance(inner, dict):
        return body
    return {name: value for name, value in body.items() if name != "condition"} | inner
