"""Where the read model lies, as far as that can be judged without opening it; its writer and its readers agree here."""

from __future__ import annotations

from streams.errors import Misconfigured
from streams.settings import Settings

FILE = "history.sqlite"  # in the data folder, where no other database is set


def address(settings: Settings) -> str:
    """TOCSIN_DATABASE as it is written; Misconfigured where a password holds an `@`.

    The rest of the password would be taken for the host, and be told in an error.
    """
    if settings.database.count("@") > 1:
        raise Misconfigured(
            "TOCSIN_DATABASE: write %40 for each @ in the password, or set PGPASSWORD instead"
        )
    return settings.database
