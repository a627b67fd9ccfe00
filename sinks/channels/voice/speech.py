"""What a call says, as TwiML: the notification read out several times, and what to press."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from sinks.channels.message import Message
from sinks.channels.text import cut, line

LONGEST = 4_000  # characters of TwiML within a request
TITLE, WORDS = 200, 400  # characters that are read out: half a minute
LISTENS = 10  # seconds for a key, after it was read out
_DIGITS = re.compile(r"\d{4,}")  # a code, read digit by digit
_NO_XML = re.compile("[\ufffe\uffff]")
PRESS = "Press 1 to acknowledge. Press 2 to call the next step."


def twiml(message: Message, language: str, times: int, action: str = "") -> str:
    """The document, as short as a request holds where it can be. `action`: where the key goes; "": nothing is asked."""
    size = WORDS
    while len(document := _document(message, language, times, action, size)) > LONGEST and size >= 0:
        if size < 10 and times > 1:
            return twiml(message, language, times - 1, action)
        size -= 10
    return document


def speech(message: Message, size: int) -> str:
    """The words: state and severity, what, how many, and the first alert in at most `size` characters."""
    count = f"{message.count} alerts." if message.count > 1 else ""
    told = message.alerts[0].message if message.alerts else ""
    first = cut(told if message.body is None else line(message.body), size) if size > 0 else ""
    title = cut(message.title, min(TITLE, max(size, 20)))
    words = f"Tocsin. {message.marked_state.capitalize()}. {title}. {count} {first}"
    return line(_DIGITS.sub(lambda match: " ".join(match[0]), _NO_XML.sub("", words.replace("_", " "))))


def _document(message: Message, language: str, times: int, action: str, size: int) -> str:
    spoken = _say(speech(message, size), language)
    if action:
        asked = f'<Gather action={quoteattr(action)} method="POST" numDigits="1" timeout="{LISTENS}">'
        spoken = f"{asked}{spoken}{_say(PRESS, language)}</Gather>"
    pause = '<Pause length="2"/>'
    return f"<Response>{pause.join([spoken] * times)}<Hangup/></Response>"


def _say(words: str, language: str) -> str:
    return f"<Say language={quoteattr(language)}>{escape(words)}</Say>"
