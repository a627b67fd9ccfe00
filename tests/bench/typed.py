"""What typed structs cost beside models of pydantic and beside plain dictionaries: decode, encode, copy.

The twin of a struct has its fields, types and defaults as a frozen model, read from JSON by orjson and written by it,
as messages were before ADR 7. A row was a dictionary; its twin has no types at all.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from functools import reduce
from operator import or_
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import orjson
from msgspec.structs import fields, replace
from pydantic import BaseModel, ConfigDict, create_model

from streams.messages.verdict import Verdict, Verdicts
from tables.kernel.row import Row, decode
from tables.respond.alert.lifecycle import Status
from tables.respond.alert.state import Acknowledgement, Alert, Facts, Occurrence
from tables.respond.levels import ALERT
from tests.bench.options import Options

START = 1_800_000_000_000
RULE = "0b1d6c0e-5a6a-5a0e-9d3c-6b8f4a1c2d3e"
ROUNDS = 7
COUNT = 50  # verdicts of a message
Work = Callable[[], object]


class Twin(BaseModel):
    """A model as messages were before."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def twin(kind: type[msgspec.Struct], known: dict[Any, type[Twin]]) -> type[Twin]:
    """The model with the fields of a struct, and of those within it."""
    if kind not in known:
        hints = get_type_hints(kind)
        of: dict[str, Any] = {
            each.name: (_twinned(hints[each.name], known), ... if each.required else each.default)
            for each in fields(kind)
        }
        known[kind] = create_model(f"{kind.__name__}Twin", __base__=Twin, **of)
    return known[kind]


def _twinned(hint: Any, known: dict[Any, type[Twin]]) -> Any:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return twin(hint, known)
    origin, inner = get_origin(hint), tuple(_twinned(each, known) for each in get_args(hint))
    if origin in (Union, UnionType):
        return reduce(or_, inner)
    return origin[inner] if origin in (list, tuple, dict) else hint


def verdict(n: int) -> Verdict:
    """One of many alerts of a rule."""
    labels = {"gateway": "prod-eu", "upstream": f"upstream-{n}", "tool": f"tool-{n % 7}", "result": "error"}
    return Verdict(
        fingerprint=f"prod-eu|{RULE}|{n}", sequence=n, state="firing", severity="critical", rule_id=RULE,
        rule="tool-errors", gateway="prod-eu", labels=labels, at=START + n, since=START - 120_000, value=12.75 + n,
        message=f"tool errors on prod-eu, upstream-{n}: {12.75 + n}% is above 10%", reason="past its threshold for 2m",
        runbook="https://wiki.example/tool-errors", routing=("endpoint/payments",),
    )  # fmt: skip


def alert() -> Alert:
    """An alert that somebody has, in two groups."""
    one = verdict(7)
    facts = Facts(**{name: getattr(one, name) for name in Facts.__struct_fields__ if hasattr(one, name)} | {
        "team": "payments", "why_team": "owns the upstream",
    })  # fmt: skip
    return Alert(
        sequence=7, facts=facts, status=Status.ACKNOWLEDGED, severity="critical", acknowledgeable_after=1_000,
        occurrence=Occurrence("5e6b6f0a-4a37-5f7e-8e5a-6c2a3a0f9f11", 2, START, 900),
        acknowledgement=Acknowledgement(START + 5, "anna", START + 3_600_000, 3_600_000),
        groups=("payments/5e6b6f0a-4a37-5f7e-8e5a-6c2a3a0f9f11", "payments/9b1d6c0e-5a6a-5a0e-9d3c-6b8f4a1c2d3e"),
        version=4,
    )  # fmt: skip


def _message() -> dict[str, dict[str, Work]]:
    message = Verdicts(
        id="detect/5/x@1.0",
        at=START,
        team="payments",
        why_team="owns it",
        verdicts=list(map(verdict, range(COUNT))),
    )
    raw, model = message.encode(), twin(Verdicts, {})
    old = model.model_validate(orjson.loads(raw))
    names = tuple(model.model_fields)
    return {
        "msgspec": {
            "decode": lambda: Verdicts.parse(raw),
            "encode": message.encode,
            "copy": lambda: [replace(each, refresh=True) for each in message.verdicts],
        },
        "orjson + pydantic": {
            "decode": lambda: model.model_validate(orjson.loads(raw)),
            "encode": lambda: orjson.dumps({name: getattr(old, name) for name in names}, default=vars),
            "copy": lambda: [each.model_copy(update={"refresh": True}) for each in old.verdicts],  # type: ignore[attr-defined]
        },
    }


def _row() -> dict[str, dict[str, Work]]:
    row = Row("alert/payments/x", alert(), 1_000, 900, 3)
    row.settle(ALERT)
    raw, model = row.encode(ALERT), twin(Alert, {})
    *head, body = orjson.loads(raw)
    old = model.model_validate(body)
    plain = orjson.dumps([*head, body])
    return {
        "msgspec": {
            "decode": lambda: decode(row.key, raw, ALERT),
            "encode": lambda: row.encode(ALERT),
            "copy": lambda: replace(row.value, version=5),
        },
        "orjson + dict": {
            "decode": lambda: orjson.loads(plain),
            "encode": lambda: orjson.dumps([*head, body]),
            "copy": lambda: body | {"version": 5},
        },
        "orjson + pydantic": {
            "decode": lambda: model.model_validate(orjson.loads(plain)[-1]),
            "encode": lambda: orjson.dumps([*head, old], default=vars),
            "copy": lambda: old.model_copy(update={"version": 5}),
        },
    }


def _micros(work: Work) -> float:
    """The median over rounds of what one call costs, in µs of processor time."""
    work()
    times = max(1, int(20_000_000 / max(1, _nanos(work, 5))))
    return round(statistics.median(_nanos(work, times) for _ in range(ROUNDS)) / 1_000, 2)


def _nanos(work: Work, times: int) -> float:
    gc.collect()
    before = time.process_time_ns()
    for _ in range(times):
        work()
    return (time.process_time_ns() - before) / times


def measure(options: Options) -> dict[str, Any]:
    """µs a call, by what is done and how."""
    return {
        what: {way: {name: _micros(work) for name, work in works.items()} for way, works in ways.items()}
        for what, ways in (("verdicts message of 50", _message()), ("alert row", _row()))
    }
