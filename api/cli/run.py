"""The command `tocsin`: its verbs, and one clear line for every failure."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from api.cli import show
from api.cli.context import Surroundings
from api.cli.printable import printable
from api.cli.verbs import (
    alerts,
    apply,
    backtest,
    channels,
    connect,
    emit,
    explain,
    export,
    gateways,
    policies,
    routes,
    rules,
    score,
    token,
    tokens,
)
from api.cli.verbs.audit import audit, revisions
from api.cli.verbs.history import archive, notifications, report
from api.cli.verbs.oncall import exceptions, oncall, people
from api.cli.verbs.operate import backup, dead_letters, doctor, partitions, serve, up
from api.cli.verbs.suppression import maintenance, silences
from streams.errors import Failure, Misconfigured

DONE, FAILED, OPERATOR = 0, 1, 78  # 78: a supervisor must not start `serve` again (sysexits.h)

app = typer.Typer(
    name="tocsin",
    help="Alerts of MCP gateways: start it, connect gateways, say what is wrong and who is told.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for verb in (
    up.up,
    serve.serve,
    connect.connect,
    gateways.disconnect,
    apply.apply,
    export.export,
    doctor.doctor,
    partitions.partitions,
    backup.backup,
    backup.restore,
    backtest.backtest,
    show.demo,
):
    app.command()(verb)
app.command()(score.score)
app.command()(explain.explain)
app.command("report")(report.report)
app.command()(revisions.revisions)
app.command("token")(token.token)
app.command("sign-in")(token.sign_in)
app.add_typer(alerts.app, name="alerts")
app.add_typer(rules.app, name="rules")
app.add_typer(channels.app, name="channels")
app.add_typer(emit.app, name="emit")
app.add_typer(archive.app, name="archive")
app.add_typer(audit.app, name="audit")
app.add_typer(notifications.app, name="notifications")
app.add_typer(policies.app, name="policies")
app.add_typer(routes.app, name="routes")
app.add_typer(gateways.app, name="gateways")
app.add_typer(silences.app, name="silences")
app.add_typer(maintenance.app, name="maintenance")
oncall.app.command()(exceptions.override)
oncall.app.command()(exceptions.swap)
oncall.app.command()(exceptions.calendar)
app.add_typer(oncall.app, name="oncall")
app.add_typer(people.app, name="people")
app.add_typer(tokens.app, name="tokens")
app.add_typer(dead_letters.app, name="dead-letters")


@app.callback()
def main(
    context: typer.Context,
    api: Annotated[str, typer.Option(help="Address of the API; by default that of the settings.")] = "",
    api_token_file: Annotated[Path | None, typer.Option(help="File of the token to ask it with.")] = None,
) -> None:
    """Settings come from the environment (TOCSIN_…, see docs/configure.md)."""
    context.obj = replace(context.obj, address=api, token_file=api_token_file)


def run(arguments: Sequence[str], environ: Mapping[str, str], file: Callable[[str], str]) -> int:
    """Run one verb; 0 done, 1 refused or failed, 2 wrong usage."""
    return run_in(arguments, Surroundings(environ, file))


def run_in(arguments: Sequence[str], surroundings: Surroundings) -> int:
    """The same in given surroundings."""
    try:
        with surroundings.closing:
            ended = typer.main.get_command(app).main(
                list(arguments), prog_name="tocsin", obj=surroundings, standalone_mode=False
            )
    except (typer.TyperException, typer.Abort, Failure, OSError, ValueError, OverflowError) as why:
        words, code = _told(why, arguments, surroundings)
        sys.stderr.write(f"{printable(words, several=True)}\n")
        return code
    return ended if isinstance(ended, int) else DONE


def _told(why: Exception, arguments: Sequence[str], surroundings: Surroundings) -> tuple[str, int]:
    """One line for whatever ended a verb, and the exit code."""
    match why:
        case typer.TyperException():
            return _usage(why), why.exit_code
        case typer.Abort():
            words = "nothing was changed"
        case Failure():
            words = str(why)
        case OSError():
            words = _out_of_reach(why, surroundings)
        case _:  # an address or a number that nobody foresaw
            words = f"{type(why).__name__}: {why}"
    again = isinstance(why, Misconfigured) and list(arguments[:1]) == ["serve"]
    return f"tocsin: {words}", OPERATOR if again else FAILED


def _usage(why: typer.TyperException) -> str:
    """Wrong usage in one line, with where the right one is shown; a verb that was named alone gets its help."""
    words = why.format_message()
    if not words or "\n" in words:  # the help, which may have been printed already
        return words.rstrip()
    for theirs, ours in THEIRS:
        words = re.sub(theirs, ours, words)
    context = getattr(why, "ctx", None)
    return f"tocsin: {words.rstrip('.')}: see `{context.command_path if context else 'tocsin'} --help`"


THEIRS = (  # what the library says, and what we do
    (r"Input should be a valid integer.*", "write a whole number"),
    (r"^Invalid value: ", ""),
    (r"^Invalid value for ", ""),
)


def _out_of_reach(why: OSError, surroundings: Surroundings) -> str:
    """A file that cannot be used, by name; within the data folder, with the setting that names that."""
    if not why.filename:
        return f"{type(why).__name__}: {why}"
    words, data = (
        f"{why.filename}: {(why.strerror or 'it cannot be used').lower()}",
        surroundings.settings.data,
    )
    if Path(why.filename).absolute().is_relative_to(Path(data).absolute()):
        words += f": TOCSIN_DATA ({data}) must name a folder that this user may make and write"
    return words
