"""A bearer token that lives in a file, so that it is never in a registry, a command line or an environment."""

from __future__ import annotations

from pathlib import Path

from streams.errors import Misconfigured


class TokenFile:
    """Reads the token again whenever its file changes, so that it can be replaced without a restart."""

    def __init__(self, path: str) -> None:
        """`path`: a file whose only line is the token."""
        self._path = Path(path).expanduser()
        self._stamp = (-1, -1)
        self._token = ""

    def __call__(self) -> str:
        """The token as it is now; Misconfigured where its file cannot be read or is empty."""
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if stamp != self._stamp:
                self._token, self._stamp = self._path.read_text().strip(), stamp
        except OSError as why:
            raise Misconfigured(f"token file {self._path}: {why.strerror}") from None
        except UnicodeDecodeError:  # its own words would quote the token
            raise Misconfigured(
                f"token file {self._path}: it is not plain text; save it as ASCII or UTF-8"
            ) from None
        if not self._token or not self._token.isascii() or any(sign.isspace() for sign in self._token):
            raise Misconfigured(f"token file {self._path}: it must hold one token and nothing else")
        return self._token
