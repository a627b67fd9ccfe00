"""`tocsin backup FILE` and `tocsin restore FILE`: all that this machine's Tocsin knows, in one file, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.context import Surroundings, surroundings
from deploy.data_backup import back_up
from deploy.data_backup import restore as put_back
from sources.bridge.registry import Registry
from streams.errors import Misconfigured


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where it is written, such as tocsin-2026-12-07.tar.gz.")],
) -> None:
    """Keep the data folder in one file: keys, Kafka, read model, archive. Tocsin must stand still meanwhile."""
    around = surroundings(context)
    head = back_up(_folder(around), file, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    around.say(
        f"{file}: {head.files} files, {file.stat().st_size / 1_000_000:,.1f} MB; whoever has it has all keys"
    )
    for line in _elsewhere(around):
        around.say(line)


def restore(
    context: typer.Context, file: Annotated[Path, typer.Argument(help="A file that `tocsin backup` wrote.")]
) -> None:
    """Make the data folder (TOCSIN_DATA), which must be new or empty, what it was when the file was written."""
    around = surroundings(context)
    head = put_back(file, _folder(around))
    around.say(f"{_folder(around)}: {head.files} files as of {head.made}; `tocsin up` goes on from there")
    for line in _elsewhere(around):
        around.say(line)


def _folder(around: Surroundings) -> Path:
    return Path(around.settings.data).absolute()


def _elsewhere(around: Surroundings) -> list[str]:
    """What is no part of the data folder, and has to be kept by its own means."""
    settings = around.settings
    kafka = ["note: your own Kafka (TOCSIN_KAFKA_BOOTSTRAP) is not in it: keep its topics by its own means"]
    database = [
        "note: your own database (TOCSIN_DATABASE) is not in it: keep it with pg_dump, or let it be built anew"
    ]
    return (kafka if settings.bootstrap else []) + (database if settings.database else []) + _tokens(around)


def _tokens(around: Surroundings) -> list[str]:
    """The files of gateways' tokens that lie elsewhere."""
    folder = _folder(around)
    try:
        gateways = Registry(folder).read().values()
    except Misconfigured as why:
        return [f"note: {why}"]
    outside = sorted(
        {gateway.token_file for gateway in gateways if not Path(gateway.token_file).is_relative_to(folder)}
    )
    return (
        [f"note: tokens of gateways lie elsewhere, and are not in it: {', '.join(outside)}"]
        if outside
        else []
    )
