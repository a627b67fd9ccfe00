"""The command `tocsin`: its verbs, and one clear line for every failure."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from api.cli import alerts, apply, backtest, connect, doctor, gateways, rules, score, serve, show, token, up
from api.cli.context import Surroundings
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
    doctor.doctor,
    backtest.backtest,
    show.demo,
):
    app.command()(verb)
app.command()(score.score)
app.command("token")(token.token)
app.command("sign-in")(token.sign_in)
app.add_typer(alerts.app, name="alerts")
app.add_typer(rules.app, name="rules")
app.add_typer(gateways.app, name="gateways")


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
        typer.main.get_command(app).main(list(arguments), prog_name="tocsin", obj=surroundings)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED
    except Misconfigured as why:
        return _failed(str(why), OPERATOR if list(arguments[:1]) == ["serve"] else FAILED)
    except Failure as why:
        return _failed(str(why), FAILED)
    except (OSError, ValueError, OverflowError) as why:  # a file, an address or a number that nobody foresaw
        return _failed(f"{type(why).__name__}: {why}", FAILED)
    return DONE


def _failed(words: str, code: int) -> int:
    sys.stderr.write(f"tocsin: {words}\n")
    return code
