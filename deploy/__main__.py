"""`python -m deploy VERB`: what a machine needs done for it, outside of the product itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.embedded.broker import Broker
from deploy.embedded.brokers import Brokers
from deploy.embedded.jar import pinned
from deploy.embedded.java import Profile
from deploy.embedded.progress import prepare
from deploy.embedded.runtime import install
from deploy.kafka import verbs
from deploy.supervisor.restart import MISCONFIGURED
from streams.errors import Misconfigured
from streams.settings import Settings

app = typer.Typer(add_completion=False, no_args_is_help=True)
app.command()(verbs.topics)
app.command()(verbs.redrive)
app.command()(verbs.acls)


@app.command()
def setup() -> None:
    """Fetch and verify Kafka's jars and make Java's caches, so that later starts are quick and need no network."""
    prepare(os.environ, (Profile.DAILY, Profile.TEST))


@app.command()
def keys(
    gateway: Annotated[str, typer.Option(help="Write the key of this gateway, for its producer.")] = "",
) -> None:
    """Make the keys that neither the settings nor the data folder have; every other process reads them there."""
    from deploy.keys import completed, hand_over  # late: other verbs need no cryptography

    settings = completed(Settings.read(os.environ, lambda path: Path(path).read_text()))
    if gateway:
        typer.echo(f"the key of {gateway} lies in {hand_over(settings, gateway)}; only its owner may read it")
        return
    typer.echo(f"all keys are set, or lie in {Path(settings.data) / 'keys'}")


@app.command()
def broker(data: Path, port: int = 0) -> None:
    """Run the embedded Kafka alone, in the foreground, until Ctrl-C."""
    with Broker(data, install(os.environ), port=port or None) as running:
        typer.echo(f"Kafka {running.runtime.kafka} on {running.bootstrap}; Ctrl-C stops it")
        try:
            running.wait()
        except KeyboardInterrupt:
            typer.echo("stopping")


@app.command()
def brokers(data: Path, count: Annotated[int, typer.Option(min=3, max=5)] = 3) -> None:
    """Run several embedded brokers as one Kafka, in the foreground, until Ctrl-C: to see what the loss of one does."""
    with Brokers(data, install(os.environ), count) as running:
        numbers = ", ".join(f"{number}: process {each.pid}" for number, each in running.each.items())
        typer.echo(f"Kafka on {running.bootstrap} ({numbers}); Ctrl-C stops it")
        try:
            running.wait()
        except KeyboardInterrupt:
            typer.echo("stopping")


@app.command()
def catcher(host: str = "127.0.0.1", port: int = 8401) -> None:
    """Print every webhook that arrives, until SIGTERM or Ctrl-C."""
    from deploy import catcher as webhooks

    webhooks.end_on_signals()
    with webhooks.catcher(host, port, typer.echo) as server:
        server.serve_forever()


@app.command()
def licences(lock: Path = Path("requirements.lock")) -> None:
    """Print LICENSES.md: what we bring, and under which licence each part comes."""
    from deploy.licences import document  # late: it reads the metadata of every installed package

    files = install(os.environ).jars
    vendored = Path("api/pages/vendor.lock").read_text()
    typer.echo(document(lock.read_text(), zip(pinned(), files, strict=True), vendored), nl=False)


@app.command()
def lock_jars() -> None:
    """Print a new jars.lock: Kafka's jars as Maven's metadata resolves them today."""
    from deploy.embedded.resolve import resolve  # late: jgo is slow to import

    typer.echo(resolve(os.environ), nl=False)


def main() -> None:
    """Run a verb; what the operator has to change is one sentence and exit code 78."""
    try:
        app()
    except Misconfigured as failure:
        typer.echo(f"tocsin: {failure}", err=True)
        sys.exit(MISCONFIGURED)


if __name__ == "__main__":
    main()
