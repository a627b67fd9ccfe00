"""What a form of a page sends: names and texts, read as they stand; what is empty was not filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from api.field_faults import sentence
from streams.codes import RefusalCode
from streams.errors import Refused

B = TypeVar("B", bound=BaseModel)
MEDIA = "application/x-www-form-urlencoded"
MOST = 200  # fields of one form
LONGEST = 100_000  # characters of one field: no document is longer


async def form_fields(request: Request) -> Mapping[str, str]:
    """The fields that hold something; Refused where the body is no form."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA:
        raise Refused("send the fields of the form, as a page does", RefusalCode.NOT_JSON)
    try:
        text = (await request.body()).decode()
        pairs = parse_qsl(
            text, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MOST
        )
    except ValueError:  # of which text that is no UTF-8 is a kind
        raise Refused(
            "the form cannot be read: it is not UTF-8, or has too many fields", RefusalCode.MALFORMED
        ) from None
    for name, value in pairs:
        if "\0" in name + value:
            raise Refused(f"`{name:.60}` holds a NUL character: leave it out")
        if len(value) > LONGEST:
            raise Refused(
                f"`{name:.60}` has {len(value)} characters: at most {LONGEST}", RefusalCode.TOO_LARGE
            )
    return {name: value.strip().replace("\r\n", "\n") for name, value in pairs if value.strip()}


def checked(kind: type[B], fields: Mapping[str, Any]) -> B:
    """What a route takes, of fields that a page has made of a form; Refused names the field, as the route would."""
    try:
        return kind.model_validate(fields)
    except ValidationError as why:
        raise Refused(
            sentence([{**error, "loc": ("body", *error["loc"])} for error in why.errors()])
        ) from None


Fields = Annotated[Mapping[str, str], Depends(form_fields)]
