"""Two texts of a document in, what differs between them out, field by field, its secrets masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

from api.documents.plan import flat
from api.documents.seal import Sealer, secret_fields
from streams.documents.registry import KINDS

Text = Mapping[str, Any] | None


class FieldChange(NamedTuple):
    """One field that is another. `field`: its path, such as `condition.above`; None: it is not there."""

    field: str
    before: Any
    after: Any
    secret: bool  # then both are masks, and may look alike


def field_changes(sealer: Sealer, kind: str, before: Text, after: Text) -> list[FieldChange]:
    """What differs between two texts as they are stored; None: there is no document.

    What Tocsin itself writes into a document is left out, and of a document that begins or ends what is empty.
    """
    old, new = flat(before or {}), flat(after or {})
    secrets = {*secret_fields(kind, before or {}), *secret_fields(kind, after or {})}
    ours = KINDS[kind].kept_fields if kind in KINDS else frozenset[str]()
    paths = [
        path
        for path in {**old, **new}
        if path.partition(".")[0] not in ours and not _same(old.get(path), new.get(path))
    ]
    return [_change(sealer, path, old.get(path), new.get(path), path in secrets) for path in paths]


def _change(sealer: Sealer, path: str, before: Any, after: Any, secret: bool) -> FieldChange:
    """The change of one field as people may see it."""
    if secret:
        before, after = (value and sealer.mask(path, str(value)) for value in (before, after))
    return FieldChange(path, before, after, secret)


def _same(before: Any, after: Any) -> bool:
    return before == after or not (_says(before) or _says(after))


def _says(value: Any) -> bool:
    """Whether a value is more than what stands in a field that nobody filled in."""
    return value not in (None, "", [], {})


def worded(value: Any) -> str:
    """The value of a field on one line, as a file would have it; `nothing` where there is none."""
    if not _says(value):
        return "nothing"
    return (
        yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1 << 20)
        .split("\n...")[0]
        .strip()
    )
