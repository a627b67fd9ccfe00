"""Colours can be told apart: each text on each ground that it stands on, light and dark, by WCAG 2.1 AA."""

from __future__ import annotations

import re

import pytest

from api.routes.page import STATIC

GROUNDS = ("ground", "card", "raised", "hover", "note", "bad")
TEXTS = ("text", "faint", "accent", "critical", "warning", "info", "good")
BESIDE = {  # texts that never stand on these
    "note": {"good"}, "bad": {"good", "info", "warning", "accent", "faint"},
}  # fmt: skip


def colours(block: str) -> dict[str, str]:
    """The variables of a block of style.css that are colours."""
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))


VARIABLES = (STATIC / "style.css").read_text().split("* { box-sizing")[0]
LIGHT, DARK = map(colours, VARIABLES.split("@media (prefers-color-scheme: dark)"))


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, LIGHT | DARK], ids=["light", "dark"])
def test_texts_can_be_read(scheme: dict[str, str]) -> None:
    """4.5 to 1 at least; what only marks an edge that can be filled in, 3 to 1."""
    pairs = [(text, ground) for ground in GROUNDS for text in TEXTS if text not in BESIDE.get(ground, ())]
    pairs.append(("on-accent", "accent"))
    weak = {pair: contrast(scheme[pair[0]], scheme[pair[1]]) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in weak.items() if ratio < 4.5} == {}
    assert [
        ground for ground in ("ground", "card", "raised") if contrast(scheme["edge"], scheme[ground]) < 3
    ] == []
