"""How one setting is declared: its name, its default, its sentence, and how its text is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, field
from typing import Any

from streams.errors import Misconfigured, Refused
from streams.text.nearest import nearest

_PREFIX = "TOCSIN_"
_WORDS: dict[str, bool] = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def flag(text: str) -> bool:
    """Whether a text says yes; Refused where it says neither."""
    if text.lower() not in _WORDS:
        raise Refused(f"{text!r:.40} is neither true nor false")
    return _WORDS[text.lower()]


def one_of(*words: str) -> Callable[[str], str]:
    """Reads one of these words; Refused names them."""

    def parse(text: str) -> str:
        if text not in words:
            raise Refused(f"{text!r:.40} is none of: {', '.join(words)}")
        return text

    return parse


def listen(text: str) -> tuple[str, int]:
    """Host and port of `host:port`; Refused where it is none."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise Refused(f"{text!r:.80} is no host:port such as 127.0.0.1:9464")
    return host.strip("[]"), int(port)


def names(text: str) -> tuple[str, ...]:
    """The names of a list with commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def address(text: str) -> str:
    """The address of a site; Refused where it is none."""
    if not text.isprintable() or not text.startswith(("https://", "http://")) or " " in text:
        raise Refused(f"{text!r:.80} is no address such as https://tocsin.example.com")
    return text


def setting(
    default: Any, name: str, says: str, parse: Callable[[str], Any] = str, secret: bool = False
) -> Any:
    """A field of the settings. `parse`: its text into its value, or a ValueError; `secret`: it is never shown."""
    return field(
        default=default,
        repr=not secret,
        metadata={"name": name, "says": says, "parse": parse, "secret": secret},
    )


def values_of(
    settings: Iterable[Field[Any]], environment: Mapping[str, str], file: Callable[[str], str] | None
) -> dict[str, Any]:
    """What variables say of settings, by the names of their fields; Misconfigured names the variable and the fix.

    `file` reads what `…_FILE` names. What no variable says is left out.
    """
    values: dict[str, Any] = {}
    known = {each.metadata["name"]: each for each in settings}
    for name, known_field in known.items():
        text = environment.get(name)
        if text is None and file is not None and (path := environment.get(name + "_FILE")):
            text = file(path).strip()
        if text is None or text == "":
            continue
        try:
            values[known_field.name] = known_field.metadata["parse"](text)
        except ValueError as why:
            shown = (
                "its value cannot be read"
                if known_field.metadata["secret"]
                else f"{text!r:.40} cannot be read ({why})"
            )
            raise Misconfigured(f"{name}: {shown}; {known_field.metadata['says']}") from None
    _refuse_unknown(environment, known)
    return values


def _refuse_unknown(environment: Mapping[str, str], known: Iterable[str]) -> None:
    ours = {name.removeprefix(_PREFIX) for name in known if name.startswith(_PREFIX)}
    for name in sorted(environment):
        word = name.removeprefix(_PREFIX).removesuffix("_FILE")
        if name.startswith(_PREFIX) and word not in ours:
            near = nearest(word, ours, cutoff=0.6)
            hint = f"did you mean {_PREFIX}{near[0]}?" if near else "see docs/settings.md"
            raise Misconfigured(f"{name}: there is no such setting; {hint}")
