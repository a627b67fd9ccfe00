"""What every verb of the command line is given: settings, a place to speak to, and the way to the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import typer
from rich.console import Console

from api.cli.file import text
from api.cli.printable import printable
from api.cli.talk import Talk
from streams.errors import Refused
from streams.settings import Settings

TOKEN_FILE = "token.jwt"  # noqa: S105  # in the folder of keys: an administrator's token, for this machine's own use
MADE = "a token for the API (`tocsin up` makes it, `tocsin token NAME --admin` another; --api-token-file names it)"
WIDE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # where a listener on all addresses is asked


@dataclass(frozen=True)
class Surroundings:
    """The process's surroundings, handed in by `__main__`; a test hands in its own."""

    environ: Mapping[str, str]
    file: Callable[[str], str]
    console: Console = field(default_factory=lambda: Console(soft_wrap=True, highlight=False))
    address: str = ""
    token_file: Path | None = None
    given: Settings | None = None  # instead of those of the environment
    closing: ExitStack = field(default_factory=ExitStack)  # what is open while a verb runs

    @property
    def settings(self) -> Settings:
        """All settings; Misconfigured names the one that is wrong."""
        return self.given or Settings.read(self.environ, self.file)

    @property
    def token_path(self) -> Path:
        """Where the API's token lies."""
        return self.token_file or Path(self.settings.data) / "keys" / TOKEN_FILE

    def talk(self) -> Talk:
        """The way to the API; Refused where there is no token for it."""
        token = text(self.token_path, MADE).strip()
        if not token.isascii() or any(sign.isspace() for sign in token):
            raise Refused(
                f"{self.token_path}: it must hold one token and nothing else; `tocsin token` makes one"
            )
        host = WIDE.get(self.settings.host, self.settings.host)
        address = self.address or url(host, self.settings.port)
        talk = Talk(address, token, str(self.token_path))
        self.closing.callback(talk.close)
        return talk

    def say(self, text: str, style: str = "") -> None:
        """One line for the reader, or several; what looks like markup in it, or steers a terminal, stays text."""
        self.console.print(printable(text, several=True), style=style or None, markup=False)


def url(host: str, port: int) -> str:
    """The address of a server on a host, which may be an address of IPv6, and a port."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def surroundings(context: typer.Context) -> Surroundings:
    """The surroundings of a running verb."""
    around = context.obj
    assert isinstance(around, Surroundings)
    return around
