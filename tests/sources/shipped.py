"""The rules that ship, as they are written and typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from streams.documents.registry import read
from streams.documents.rule import Rule

FILES = sorted((Path(__file__).parents[2] / "rules").glob("*.yaml"))
NAMES = Path(__file__).parents[2] / "docs" / "names.md"
RULES: list[dict[str, Any]] = [
    rule
    for file in FILES
    for rule in yaml.load(file.read_text(), yaml.BaseLoader)["rules"]  # noqa: S506  # texts only
]


def shipped(body: dict[str, Any]) -> Rule:
    """One rule of the file, typed."""
    rule = read("rule", body)
    assert isinstance(rule, Rule)
    return rule
