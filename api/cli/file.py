"""A file that a person names: its text, or one sentence that names the file and what to do."""

from __future__ import annotations

from pathlib import Path

from streams.errors import Refused

LARGEST = 256 << 20  # bytes: above that it is no file that somebody wrote or recorded for us


def text(file: Path, holds: str) -> str:
    """The text of a file; `holds`: what is expected in it, in words, for whoever named another."""
    try:
        if file.is_file() and file.stat().st_size > LARGEST:
            raise Refused(f"{file}: it is larger than {LARGEST >> 20} MB: name a file with {holds}")
        content = file.read_text(encoding="utf-8-sig")  # editors of some systems put a mark in front
    except OSError as why:
        raise Refused(
            f"{file}: {(why.strerror or 'it cannot be read').lower()}: name a file with {holds}"
        ) from None
    except UnicodeDecodeError:  # its own words would quote what may be a secret
        raise Refused(f"{file}: it is not UTF-8 text: name a file with {holds}") from None
    if not content.strip():
        raise Refused(f"{file}: it is empty: name a file with {holds}")
    return content
