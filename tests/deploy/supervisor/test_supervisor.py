"""Real child processes under the supervisor: order, restarts, grace, and what happens when it is killed itself."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from deploy.supervisor.child import Child, Restart, file_there
from deploy.supervisor.heart import EVERY, touched
from deploy.supervisor.supervisor import Supervisor
from streams.errors import Misconfigured
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]
SLEEP = "import time; time.sleep(600)"


def child(name: str, program: str, *after: str, restart: Restart = Restart.ALWAYS) -> Child:
    """A child that runs a line of Python."""
    return Child(name, (sys.executable, "-S", "-c", program), after=after, restart=restart)


@asynccontextmanager
async def supervised(
    children: Sequence[Child], directory: Path, grace: float = 5.0
) -> AsyncIterator[tuple[Supervisor, list[str]]]:
    """The children running under a supervisor, and what it says."""
    said: list[str] = []
    started = asyncio.Event()
    supervisor = Supervisor(children, directory, said.append, grace)
    running = asyncio.create_task(supervisor.run(started.set))
    await asyncio.wait((running, asyncio.create_task(started.wait())), return_when=asyncio.FIRST_COMPLETED)
    try:
        yield supervisor, said
    finally:
        supervisor.stop()
        await running


async def until(holds: Callable[[], object], within: float = PATIENCE) -> None:
    """Wait for something that other processes bring about."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 - other processes know nothing of our events
            await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not yet waited for does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


async def test_a_killed_child_comes_back(tmp_path: Path) -> None:
    """The line names it, how it ended and when it is back; its slot was never free."""
    async with supervised([child("worker", SLEEP)], tmp_path) as (supervisor, said):
        first = supervisor.pids["worker"]
        os.kill(first, signal.SIGKILL)
        await until(lambda: supervisor.pids.get("worker", first) != first)
    assert any("worker ended by signal 9" in line and "again at once" in line for line in said)


async def test_a_frozen_child_is_ended_and_started_again(tmp_path: Path) -> None:
    """Stopped as a deadlock would stop it, it is ended by force; its neighbour, which goes on, is left alone."""
    program = "import pathlib, sys, time\nwhile True: pathlib.Path(sys.argv[1]).touch(); time.sleep(0.1)"

    def beating(name: str) -> Child:
        pulse = tmp_path / name
        argv = (sys.executable, "-S", "-c", program, str(pulse))
        return Child(name, argv, ready=file_there(pulse), sign=touched(pulse), silence=2.0)

    async with supervised([beating("frozen"), beating("well")], tmp_path) as (supervisor, said):
        before = dict(supervisor.pids)
        await asyncio.sleep(2 * EVERY)  # it has been seen alive
        os.kill(before["frozen"], signal.SIGSTOP)
        await until(lambda: supervisor.pids.get("frozen", before["frozen"]) != before["frozen"], 15)
        assert supervisor.pids["well"] == before["well"]
    assert not is_alive(before["frozen"])
    assert any("frozen has given no sign of life for" in line and "is ended" in line for line in said)


async def test_a_child_waits_for_what_it_comes_after(tmp_path: Path) -> None:
    """A step that has to be done first delays what comes after it."""
    mark = tmp_path / "mark"
    step = child(
        "topics", f"import time; time.sleep(0.3); open({str(mark)!r}, 'w')", restart=Restart.UNTIL_DONE
    )
    worker = child(
        "worker", f"import time, os; assert os.path.exists({str(mark)!r}); time.sleep(600)", "topics"
    )
    async with supervised([step, worker], tmp_path) as (supervisor, said):
        assert list(supervisor.pids) == ["worker"]
    assert not any("exit code" in line for line in said)


async def test_readiness_is_what_the_child_says(tmp_path: Path) -> None:
    """A child is announced when its file is there, and not before."""
    mark = tmp_path / "ready"
    program = f"import time; time.sleep(0.3); open({str(mark)!r}, 'w'); time.sleep(600)"
    one = Child("worker", (sys.executable, "-S", "-c", program), ready=file_there(mark))
    async with supervised([one], tmp_path):
        assert mark.exists()


async def test_what_all_need_stops_last(tmp_path: Path) -> None:
    """Children end in the reverse order of their needs."""
    log = tmp_path / "order"
    program = (
        "import signal, sys, time; "
        f"end = lambda *_: (open({str(log)!r}, 'a').write(sys.argv[1] + ' '), sys.exit()); "
        "signal.signal(signal.SIGTERM, end); open(sys.argv[2], 'w'); time.sleep(600)"
    )

    def one(name: str, *after: str) -> Child:
        mark = tmp_path / f"{name}.ready"
        argv = (sys.executable, "-S", "-c", program, name, str(mark))
        return Child(name, argv, after=after, ready=file_there(mark))

    async with supervised([one("broker"), one("history", "broker"), one("api", "history")], tmp_path):
        pass
    assert log.read_text().split() == ["api", "history", "broker"]


async def test_a_child_that_will_not_stop_is_killed_after_the_grace(tmp_path: Path) -> None:
    """Its line says so."""
    mark = tmp_path / "deaf"
    deaf = (
        f"import signal, time; signal.signal(15, signal.SIG_IGN); open({str(mark)!r}, 'w'); time.sleep(600)"
    )
    async with supervised([child("deaf", deaf)], tmp_path, grace=0.3) as (supervisor, said):
        await until(mark.exists)
        pid = supervisor.pids["deaf"]
    assert any("deaf does not stop and is killed" in line for line in said)
    assert not is_alive(pid)


async def test_a_child_that_the_operator_has_to_mend_ends_the_start(tmp_path: Path) -> None:
    """The message quotes the child's own last line, and nothing is left running."""
    program = "import sys; print('TOCSIN_PORT: not a number', file=sys.stderr); sys.exit(78)"
    children = [child("worker", SLEEP), child("api", program)]
    with pytest.raises(Misconfigured, match=r"api did not start.*TOCSIN_PORT: not a number"):
        async with supervised(children, tmp_path) as (supervisor, _):
            await until(lambda: not supervisor.pids)


async def test_two_supervisors_do_not_share_a_directory(tmp_path: Path) -> None:
    """The second one is told which slot is taken, before it starts anything."""
    async with supervised([child("worker", SLEEP)], tmp_path):
        with pytest.raises(Misconfigured, match="slots/worker is held by process"):
            await Supervisor([child("worker", SLEEP)], tmp_path, lambda _: None).run()


def test_a_declaration_out_of_order_is_a_mistake_of_ours(tmp_path: Path) -> None:
    """A child cannot come after a later one."""
    with pytest.raises(ValueError, match="api is declared"):
        Supervisor([child("api", SLEEP, "broker"), child("broker", SLEEP)], tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_children_of_a_killed_supervisor_die(tmp_path: Path) -> None:
    """`kill -9` of the supervisor leaves nobody behind that could hold a slot."""
    program = (
        "import asyncio, sys; from pathlib import Path; from deploy.supervisor.child import Child; "
        "from deploy.supervisor.supervisor import Supervisor; "
        f"s = Supervisor([Child('w', (sys.executable, '-c', {SLEEP!r}))], Path({str(tmp_path)!r}), lambda _: None); "
        "asyncio.run(s.run(lambda: print(s.pids['w'], flush=True)))"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout
        worker = int(supervisor.stdout.readline())
        assert is_alive(worker)
        supervisor.kill()
    until_then = time.monotonic() + 5
    while is_alive(worker) and time.monotonic() < until_then:
        time.sleep(0.02)
    assert not is_alive(worker)
