"""Schemathesis against `/v1/openapi.json`: what the API answers that its own schema does not say, and every 5xx.

It is a program of its own (MIT), of `SCHEMATHESIS`, or on the path; `--seconds` says for how long, 600 for the whole.
The API is the real one, on a respond that answers at once and a broker that is well, with a token of an administrator.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from sqlalchemy import URL

from api.dependencies import Dependencies
from api.http.app import create
from api.queries.database import Database, reader
from tests.api.conftest import ADMIN, Broker, History, Respond, wired
from tests.api.letters import Letters, letter_of
from tests.bench.options import Options

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
ENDLESS = "/v1/(notifications/)?stream"  # streams end when their reader does
SIGN_OUT = "DELETE /v1/session"  # it revokes the token with which all others are asked
MOST = 40  # lines of findings that are shown


def measure(options: Options) -> dict[str, Any]:
    """How many cases, and what was found, by its kind."""
    program = os.environ.get("SCHEMATHESIS") or shutil.which("schemathesis")
    if not program:
        return {
            "skipped": "no schemathesis: install it into an environment of its own, and name it in SCHEMATHESIS"
        }
    options.folder.mkdir(parents=True, exist_ok=True)
    deps = _furnished(options)
    with _served(deps) as address:
        token = deps.tokens.issue(ADMIN, int(time.time()), 86_400)
        done = subprocess.run(
            (program, "run", f"{address}/v1/openapi.json", "--header", f"Authorization: Bearer {token}",
             "--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-time", f"{options.seconds:.0f}",
             "--exclude-path-regex", ENDLESS, "--exclude-name", SIGN_OUT,
             "--request-timeout", "30", "--continue-on-failure", "--no-color",
             "--seed", "7", "--workers", "1"),
            cwd=options.folder, capture_output=True, text=True, timeout=options.seconds + 300, check=False,
        )  # fmt: skip
    (options.folder / "schemathesis.txt").write_text(done.stdout + done.stderr)
    return {"code": done.returncode, "seconds": options.seconds} | _found(done.stdout)


def _found(text: str) -> dict[str, Any]:
    """What its report says: each kind of failure with how often, and the statuses of server errors."""
    kinds = Counter(re.findall(r"^- (.+)$", text, re.MULTILINE))
    cases = re.findall(r"([0-9][0-9,]*) generated", text)
    server = Counter(re.findall(r"^\[(5\d\d)\]", text, re.MULTILINE))
    return {"cases": cases[-1:], "findings": dict(kinds.most_common(MOST)), "server_errors": dict(server)}


def _furnished(options: Options) -> Dependencies:
    """A read model with some alerts, and a dead letter."""
    file = options.folder / "history.sqlite"
    history, database = History(file), Database(reader(URL.create("sqlite", database=str(file))))
    for number in range(20):
        history.alert(f"a{number}", groups=(f"g{number}",))
    deps = wired(options.folder, database, Respond(history), Broker())
    assert isinstance(deps.dead_letters, Letters)
    deps.dead_letters.records = [letter_of(number) for number in range(1, 5)]
    return deps


@contextmanager
def _served(deps: Dependencies) -> Iterator[str]:
    taken = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create(deps), log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([taken],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
