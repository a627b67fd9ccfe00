"""`python -m sinks CHANNEL…|all|history|traces|canary`: one process for some ways out, settings from the environment.

`traces` tells an OTLP receiver of each alert's path; `canary` watches whether alerts arrive. `python -m sinks preview`
says what a channel would say, and sends nothing.

Ends with 0 after SIGTERM or SIGINT, with 78 where an operator has to change something, with 2 where the words are none
that it knows, with 1 where it broke and should be started again.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from pathlib import Path

import structlog
import uvloop
from aiokafka.errors import KafkaError

from sinks.channels.registry import REGISTRY
from sinks.runtime.liveness import beat
from sinks.runtime.slot import held
from sinks.serve import group, serve
from streams.errors import Misconfigured, NewerSchema, Refused, Rewound
from streams.settings import Settings
from streams.text.hindrance import told

OTHERS = (["history"], ["history", "--rebase"], ["traces"], ["canary"])
USAGE = (
    "usage: python -m sinks all|history|history --rebase|traces|canary|preview, "
    f"or channels: {' '.join(REGISTRY)}"
)
CYCLES = 10_000, 10, 10  # objects until Python looks for circles of them: calls make few
OPERATOR = 78  # EX_CONFIG of sysexits.h: a restart would only repeat the message
log = structlog.get_logger()


def _channels(words: list[str]) -> list[str]:
    """The channels that the command line names, each once; none where it names anything else."""
    if words == ["all"]:
        return list(REGISTRY)
    return list(dict.fromkeys(words)) if set(words) <= set(REGISTRY) else []


def main(words: list[str]) -> int:
    """Run what `words` ask for; the exit code."""
    if words == ["preview"]:
        return _preview()
    channels = _channels(words)
    if not channels and words not in OTHERS:
        print(USAGE, file=sys.stderr)
        return 2
    _speak("info")
    try:
        settings = Settings.read(os.environ, file=lambda path: Path(path).read_text())
        _speak(settings.log_level)
        if words[1:] == ["--rebase"]:
            from sinks.history.serve import rebase  # late: a channel needs no SQL, which takes long to load

            rebase(settings)
        else:
            gc.freeze()  # what has been imported stays
            gc.set_threshold(*CYCLES)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_until_stopped(channels, settings, words[0]))
    except (Misconfigured, NewerSchema, Rewound) as why:  # what is newer waits in the log for an update
        log.error("misconfigured", sink=" ".join(words), why=str(why))
        return OPERATOR
    except Exception as why:
        cause = str(told(why)) if isinstance(why, KafkaError) else str(why).partition("\n")[0]
        log.error("ended; to be started again", sink=" ".join(words), kind=type(why).__name__, why=cause)
        log.debug("where", exc_info=True)
        return 1
    return 0


def _preview() -> int:
    """What a channel would say of what stands on the standard input; the exit code."""
    from sinks.preview import preview  # late: whoever runs channels needs no renderings of all

    try:
        print(preview(sys.stdin.buffer.read()))
    except Refused as why:
        print(why, file=sys.stderr)
        return 2
    return 0


async def _until_stopped(channels: list[str], settings: Settings, other: str) -> None:
    """Run these channels, or where there are none what `other` names, until a signal asks for the end."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    beating = asyncio.create_task(beat(settings.pulse))
    if channels:
        with held([group(name) for name in channels], settings):
            await serve(channels, settings, stopping)
    elif other == "traces":
        from sinks.traces.serve import serve as serve_traces  # late, as above

        await serve_traces(settings, stopping)
    elif other == "canary":
        from sinks.canary.serve import serve as serve_canaries  # late: a channel lets none fly

        await serve_canaries(settings, stopping)
    else:
        from sinks.history.serve import serve as serve_history  # late, as above

        await serve_history(settings, stopping)
    beating.cancel()


def _speak(level: str) -> None:
    """JSON lines on standard error; aiokafka speaks at debug only, since we say in one line what it says in fifty."""
    logging.basicConfig(stream=sys.stderr)
    logging.getLogger("aiokafka").setLevel(logging.INFO if level == "debug" else logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # all is closed: to take the modules apart would only delay whoever waits for the end
