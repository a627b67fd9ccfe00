"""What pydantic found in a body or in a line of a file, in our words; without the web framework, slow to load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streams.text import fault as faults

SHOWN = 5  # faults in one sentence


def sentence(errors: Sequence[Any]) -> str:
    """What pydantic found, field by field; what was sent is not repeated, since it may be a secret."""
    told = list(dict.fromkeys(fault(error["loc"][1:], error) for error in errors))
    rest = f"; and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return "; ".join(told[:SHOWN]) + rest


def fault(path: Sequence[Any], error: Any) -> str:
    """One thing that pydantic found, at a path of names and numbers, in our words."""
    where = faults.path(path)
    if error["type"] == "json_invalid":
        return f"the body is not JSON, near character {where}: {error['ctx']['error']}"
    if error["type"] == "extra_forbidden":
        return f"there is no field `{where}`"
    if where:
        return faults.sentence(where, error)
    return (
        "the body is missing: send a JSON object"
        if error["type"] == "missing"
        else f"the body {faults.words(error)}"
    )
