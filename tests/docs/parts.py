"""Parts of the drawn pages: what the source says beside a member, and tables."""

from __future__ import annotations

import inspect
import re
from enum import Enum
from typing import Any

MADE = "<!-- Drawn by `python -m tests.docs.drawing`; do not edit. -->"


def explained(kind: type[Enum]) -> dict[str, str]:
    """What the source says beside each member; empty where it says nothing."""
    lines = inspect.getsource(kind).splitlines()
    found = (re.match(r"\s+([A-Z_]+) = [^#]*(?:# (.*))?$", line) for line in lines)
    return {match[1]: (match[2] or "").strip() for match in found if match}


def table(head: tuple[str, ...], rows: Any) -> list[str]:
    """A table of Markdown, line by line."""
    shown = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return [f"| {line} |" for line in (" | ".join(head), " | ".join("---" for _ in head), *shown)]
