"""How a reader follows a decision through respond: which modules it enters, and in which order.

What counts as a module of the path: every one in tables/respond with a function that runs on behalf of the input, but
for those that hold no step. These are named in `VALUES`: what rows and their parts are (`state`), the literal tables
of lives (`lifecycle`), what derives from values and changes nothing (`standing`, `excerpt`, `others`, `outlook`,
`acknowledgers`, `content`), and where rows and documents are looked up (`context`, `directory`, `members`,
`suppressors`, `cover`); a test holds that none of them opens a row, sends anything, or calls a step. A module is
entered where one that counts, or a test, calls a function of another; a return to the caller is no entry, and neither
is a loop over the groups of an alert, so each walk here has one group. What the kernel calls back for its own
bookkeeping (names of rows in an index) is none.

What falls due at the end of an input is a walk of its own, as it is at a tick: that of a deadline.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from streams.messages.command import Snooze
from tests.tables.respond.harness import Crowd

ROOM = "tables.respond."
ROOT = Path(__file__).parents[3]
VALUES = {
    "alert/excerpt", "alert/lifecycle", "alert/standing", "alert/state", "content", "context",
    "escalation/acknowledgers", "escalation/lifecycle", "escalation/others", "escalation/outlook", "escalation/state",
    "group/members", "group/state", "oncall/directory", "route/state", "suppression/cover", "suppression/state",
    "suppression/suppressors",
}  # fmt: skip
MOST = 8  # modules of one walk
FIRES = [
    "machine", "pipeline", "alert/verdict", "route/routing", "suppression/decide", "group/regroup",
    "escalation/decide", "publish",
]  # fmt: skip
IS_OVER = [step for step in FIRES if step != "route/routing"]
ACKNOWLEDGED = [
    "machine", "commands", "group/pipeline", "alert/acknowledgement", "group/bulk", "pipeline", "escalation/decide",
    "publish",
]  # fmt: skip
ANSWERED = ["machine", "commands", "alert/response", *FIRES[1:2], *FIRES[4:]]
FALLS_DUE = [
    "machine", "escalation/pipeline", "suppression/decide", "oncall/audience", "escalation/advance",
    "escalation/next_step", "publish",
]  # fmt: skip


def module(frame: FrameType | None) -> str:
    """The module of respond that counts and whose code a frame runs; "" for any other."""
    name = str(frame.f_globals.get("__name__", "")) if frame is not None else ""
    short = name.removeprefix(ROOM).replace(".", "/")
    return short if name.startswith(ROOM) and short not in VALUES else ""


def caller(frame: FrameType) -> FrameType | None:
    """Who called, past comprehensions of the same code."""
    back = frame.f_back
    while back is not None and back.f_code.co_name.startswith("<") and back.f_globals is not None:
        back = back.f_back
    return back


@contextmanager
def entries(entered: list[str]) -> Iterator[None]:
    """Notes each entry of a module that counts, in order."""

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event != "call" or frame.f_code.co_name.startswith("<"):
            return
        to, by = module(frame), module(caller(frame))
        if to and by and to != by and entered[-1:] != [to]:
            entered.append(to)

    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(None)


def walk(happens: Callable[[], object]) -> list[str]:
    """The modules that a decision enters; it begins at the machine."""
    entered = ["machine"]
    with entries(entered):
        happens()
    return entered


def crowd(severity: str = "warning") -> Crowd:
    """One alert fires, and somebody is there to be told."""
    inbox = Crowd()
    inbox.configure("endpoint", "default", 1, {"name": "default", "channel": "log"})
    inbox.judge(inbox.verdict(0, 1, severity=severity))
    return inbox


def test_a_verdict_that_an_alert_fires() -> None:
    """Eight modules, each once: the alert, its routes, its suppression, its group, its escalation, and what is said."""
    inbox = crowd()
    assert walk(lambda: inbox.judge(inbox.verdict(1, 1, gateway="h", severity="warning"))) == FIRES
    assert walk(lambda: inbox.judge(inbox.verdict(0, 2, severity="info"))) == FIRES
    assert walk(lambda: inbox.judge(inbox.verdict(0, 3, state="ok"))) == IS_OVER


def test_what_is_critical_falls_due_at_the_end_of_its_input() -> None:
    """The same walk, and then that of a deadline."""
    inbox = crowd()
    fires = walk(lambda: inbox.judge(inbox.verdict(1, 1, gateway="h")))
    assert fires == [*FIRES, *FALLS_DUE[1:]]


def test_a_command() -> None:
    """Eight modules, each once, for an acknowledgement; and no more for an end, or a snooze."""
    inbox = crowd()
    assert walk(lambda: inbox.acknowledge(0)) == ACKNOWLEDGED
    snooze = Snooze(alert=inbox.fingerprint(0), until=inbox.now + 60_000)
    assert walk(lambda: inbox.command(snooze)) == ANSWERED
    assert walk(lambda: inbox.resolve(0)) == ANSWERED


def test_a_deadline() -> None:
    """The first step of what was gathered: who is reached now, who is told, and when it goes on."""
    inbox = crowd()
    inbox.tick(inbox.now + 29_000)
    assert ["machine", *walk(lambda: inbox.tick(inbox.now + 1_000))[1:]] == FALLS_DUE


@pytest.mark.parametrize("path", [FIRES, IS_OVER, ACKNOWLEDGED, ANSWERED, FALLS_DUE])
def test_a_path_is_short_and_never_turns_back(path: list[str]) -> None:
    """No module is entered twice, and a reader opens eight at most."""
    assert len(set(path)) == len(path) <= MOST


def test_the_manual_names_the_same_modules_in_the_same_order() -> None:
    """Each table of docs/path-of-a-sample.md is a walk."""
    page = (ROOT / "docs/path-of-a-sample.md").read_text()
    rows = [
        re.match(r"\s*\| \[[^]]+\]\(\.\./tables/respond/([a-z_/]+)\.py\)", line) for line in page.splitlines()
    ]
    named = [row.group(1) if row else "" for row in rows]
    tables = [table.split() for table in " ".join(name or "|" for name in named).split("|") if table.strip()]
    assert tables == [FIRES, FALLS_DUE, ACKNOWLEDGED]


@pytest.mark.parametrize("name", sorted(VALUES))
def test_what_does_not_count_holds_no_step(name: str) -> None:
    """It imports no module that counts, and but for the context it opens no row and sends nothing."""
    tree = ast.parse((ROOT / f"tables/respond/{name}.py").read_text())
    nodes = list(ast.walk(tree))
    imported = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    own = {each.removeprefix(ROOM).replace(".", "/") for each in imported if each.startswith(ROOM)}
    assert own <= VALUES | {"levels"}
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    called = {call.attr for call in calls if isinstance(call, ast.Attribute)}
    assert name == "context" or not called & {"open", "emit", "mark_deleted", "next_id"}
