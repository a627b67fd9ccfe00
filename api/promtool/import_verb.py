"""`tocsin rules import FILE…`: Prometheus's rules and promtool's tests as documents and scenarios of ours."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import yaml

from api.cli.context import surroundings
from api.cli.file import text
from api.cli.printable import printable
from api.promtool.alert_rules import ImportedRule, rules
from api.promtool.rule_tests import scenarios
from streams.errors import Refused

WHAT = "rules or tests as Prometheus writes them"
T = TypeVar("T")


def import_rules(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Files of rules, and of promtool's tests of them.")],
    tests: Annotated[
        Path | None,
        typer.Option("--scenarios", help="A folder for the tests, to be played by `tocsin backtest`."),
    ] = None,
) -> None:
    """Print the alerting rules of FILES as documents for `tocsin apply`; say which do not map, and why."""
    around = surroundings(context)
    parsed = [(file, _parsed(file)) for file in files]
    imported = [
        rule for file, content in parsed if "groups" in content for rule in _shaped(file, rules(content))
    ]
    mapped = [rule.body for rule in imported if rule.body is not None]
    if mapped:
        around.say(
            printable(yaml.safe_dump({"rules": mapped}, sort_keys=False, allow_unicode=True, width=120))
        )
    for rule in imported:
        if rule.body is None:
            typer.echo(printable(f"{rule.alert} does not map: {rule.why}"), err=True)
    if tests is not None:
        written = sum(
            _write(tests, file, content, imported) for file, content in parsed if "tests" in content
        )
        typer.echo(f"{written} scenarios in {tests}: `tocsin backtest {tests}/*.yaml` plays them", err=True)
    typer.echo(f"{len(mapped)} of {len(imported)} rules map", err=True)


def _parsed(file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(text(file, WHAT))
    except yaml.YAMLError as why:
        raise Refused(f"{file}: this is not YAML: {str(why).splitlines()[-1].strip()}") from None
    if not isinstance(content, dict) or not {"groups", "tests"} & content.keys():
        raise Refused(f"{file}: it holds neither `groups` of rules nor `tests`")
    return content


def _shaped(file: Path, entries: Iterable[T]) -> list[T]:
    """All of them; Refused where one of the file has not the shape that Prometheus gives it."""
    try:
        return list(entries)
    except Refused as why:
        raise Refused(f"{file}: {why}") from None
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as why:
        words = f"an entry has not the shape of Prometheus's ({type(why).__name__}: {why!s:.80})"
        raise Refused(f"{file}: {words}") from None


def _write(folder: Path, file: Path, content: dict[str, Any], imported: list[ImportedRule]) -> int:
    made = _shaped(file, scenarios(content, imported))
    folder.mkdir(parents=True, exist_ok=True)
    for number, scenario in enumerate(made, 1):
        (folder / f"{file.stem}-{number}.yaml").write_text(
            yaml.safe_dump(scenario, sort_keys=False, width=120)
        )
    return len(made)
