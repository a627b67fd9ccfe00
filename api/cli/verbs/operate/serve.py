"""`tocsin serve`: the API and the page, in the foreground."""

from __future__ import annotations

import typer

from api.cli.context import surroundings
from deploy.kafka.reach import watch


def serve(context: typer.Context) -> None:
    """Serve the API and the page until Ctrl-C; the other processes run elsewhere (see `tocsin up`)."""
    from api.http.serve import serve as serving  # late: the other verbs start faster without a web server

    around = surroundings(context)
    if around.settings.bootstrap:
        watch(around.settings.bootstrap, lambda line: typer.echo(f"tocsin: {line}", err=True))
    serving(around.settings)
