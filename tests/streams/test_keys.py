"""Where keys are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.errors import Misconfigured
from streams.keys import several, system
from streams.settings import Settings


def test_several() -> None:
    """Commas, blanks and line ends part keys; nothing is no key."""
    assert several(" a, b ,\n") == ["a", "b"]


def test_the_setting_wins() -> None:
    """What the setting says is not looked for in a file."""
    signer = system(Settings(system_keys="k" * 32), Path.read_text)
    signer.verify(signer.sign(b'{"kind":"tick"}', "inbox"), "inbox")


@pytest.mark.parametrize("text", [None, "", " ,\n"])
def test_no_key(tmp_path: Path, text: str | None) -> None:
    """A file that is missing or empty is named, with what makes it."""
    if text is not None:
        (tmp_path / "keys").mkdir()
        (tmp_path / "keys" / "system.key").write_text(text)
    with pytest.raises(Misconfigured, match=r"TOCSIN_SYSTEM_KEYS.*system\.key.*same keys"):
        system(Settings(data=str(tmp_path)), Path.read_text)
