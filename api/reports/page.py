"""The paper of a report: A4 across, with its fonts and the number of each page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ttf_opensans
from fpdf import FPDF

FONT = "Open Sans"
FILES = {"": "OpenSans-Regular.ttf", "B": "OpenSans-Bold.ttf"}


class ReportPage(FPDF):
    """A document without a page yet."""

    def __init__(self) -> None:
        """Its fonts are loaded."""
        super().__init__("landscape")
        folder = Path(ttf_opensans.__file__).parent / "ttf"
        for style, name in FILES.items():
            self.add_font(FONT, style, folder / name)

    def write_in(self, size: float, style: Any = "") -> None:
        """What follows is so large, and bold where the style is B."""
        self.set_font(FONT, style, size)

    def footer(self) -> None:
        """The number of each page."""
        self.set_y(-12)
        self.write_in(8)
        self.cell(0, 8, f"{self.page_no()}", align="R")
