"""How many SMS a text takes: by the GSM 7-bit alphabet where it holds every letter, else by UCS-2."""

from __future__ import annotations

import unicodedata

SINGLE_GSM, PART_GSM = 160, 153  # septets
SINGLE_UCS, PART_UCS = 70, 67  # UTF-16 units
LONGEST = 1_600  # characters that Twilio takes
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a letter: two septets, never in two parts
_ALIKE = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "−": "-", "…": "...",
     "\t": " ", "\u00a0": " ", "\u202f": " ", "\u200b": "", "•": "-", "×": "x", "≥": ">=", "≤": "<=", "→": "->"}
)  # fmt: skip


def plain(text: str) -> str:
    """`text` with what has a like in the GSM alphabet replaced, and without emoji: one would double the price."""
    replaced = text.translate(_ALIKE)
    if is_gsm(replaced):
        return replaced
    kept = "".join(
        letter for letter in replaced if unicodedata.category(letter) not in ("So", "Sk", "Cf", "Mn", "Me")
    )
    return kept if is_gsm(kept) else replaced


def is_gsm(text: str) -> bool:
    """Whether every letter is of the GSM alphabet."""
    return all(letter in _BASIC or letter in _EXTENDED for letter in text)


def parts(text: str) -> int:
    """The number of SMS that `text` takes."""
    if is_gsm(text):
        return _count([2 if letter in _EXTENDED else 1 for letter in text], SINGLE_GSM, PART_GSM)
    return _count([2 if letter > "\uffff" else 1 for letter in text], SINGLE_UCS, PART_UCS)


def _count(sizes: list[int], single: int, part: int) -> int:
    """Parts of at most `part` units, none of which splits a letter; one of up to `single` where all fits there."""
    if sum(sizes) <= single:
        return 1
    count, used = 1, 0
    for size in sizes:
        if used + size > part:
            count, used = count + 1, 0
        used += size
    return count
