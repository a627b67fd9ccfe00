"""`python -m sinks webhook|log|history`: one process for one way out, settings from the environment.

Ends with 0 after SIGTERM or SIGINT, with 2 where an operator has to change something, with 1 where it
broke and should be started again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

import structlog
from aiokafka.errors import KafkaError

from sinks.pulse import beat
from sinks.serve import CHANNELS, serve
from streams.errors import Misconfigured
from streams.hindrance import told
from streams.settings import Settings

USAGE = f"usage: python -m sinks {'|'.join([*CHANNELS, 'history', 'history --rebase'])}"
log = structlog.get_logger()


def main(words: list[str]) -> int:
    """Run what `words` ask for; the exit code."""
    if words not in [[name] for name in (*CHANNELS, "history")] + [["history", "--rebase"]]:
        print(USAGE, file=sys.stderr)
        return 2
    _speak("info")
    try:
        settings = Settings.read(os.environ, file=lambda path: Path(path).read_text())
        _speak(settings.log_level)
        if words[1:]:
            from sinks.history.serve import rebase  # late: a channel needs no SQL, which takes long to load

            rebase(settings)
        else:
            asyncio.run(_until_told(words[0], settings))
    except Misconfigured as why:
        log.error("misconfigured", sink=words[0], why=str(why))
        return 2
    except Exception as why:
        said = str(told(why)) if isinstance(why, KafkaError) else str(why).partition("\n")[0]
        log.error("ended; to be started again", sink=words[0], kind=type(why).__name__, why=said)
        log.debug("where", exc_info=True)
        return 1
    return 0


async def _until_told(name: str, settings: Settings) -> None:
    stopping = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stopping.set)
    beating = asyncio.create_task(beat(settings.pulse))
    if name == "history":
        from sinks.history.serve import serve as serve_history  # late, as above

        await serve_history(settings, stopping)
    else:
        await serve(name, settings, stopping)
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
    sys.exit(main(sys.argv[1:]))
