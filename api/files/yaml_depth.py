"""Reads YAML no deeper than documents go: PyYAML takes the square of the depth, seconds for some thousand brackets."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.composer import ComposerError

from api.files.yaml_structure import DEEP, DEEPER


class Shallow(yaml.BaseLoader):
    """Every scalar is text; ComposerError where something is nested deeper than documents are."""

    def __init__(self, stream: str) -> None:
        """`stream`: the text of a file."""
        super().__init__(stream)
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """One node with all that is in it."""
        if self._depth > DEEP:
            raise ComposerError(None, None, DEEPER, self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node
