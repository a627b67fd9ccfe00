"""The page of all codes that answers, notifications and changes carry."""

from __future__ import annotations

import inspect
from enum import Enum

from streams import codes
from streams.outcome_code import OutcomeCode
from tests.docs.parts import MADE, explained, table


def codes_page() -> str:
    """Every code that an answer, a notification or a change carries, with its sentence."""
    words = (
        "From `streams/codes.py` and `streams/outcome_code.py`: for programs, beside the sentence for people."
    )
    parts = ["# Codes", "", MADE, "", words]
    for kind in code_kinds():
        rows = ((f"`{kind[name].value}`", says) for name, says in explained(kind).items())
        parts += ["", f"## {kind.__name__}", "", inspect.cleandoc(kind.__doc__ or ""), ""]
        parts += table(("code", "meaning"), rows)
    return "\n".join(parts) + "\n"


def code_kinds() -> list[type[Enum]]:
    """The enums of codes, in the order of their file."""
    kinds = [
        kind for kind in vars(codes).values() if isinstance(kind, type) and kind.__module__ == codes.__name__
    ]
    kinds.remove(codes.OpenCode)  # what some of them have in common
    return [*kinds, OutcomeCode]
