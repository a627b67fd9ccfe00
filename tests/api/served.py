"""An application on a port of its own, as it is served, for tests that speak with its socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from api.dependencies import Dependencies
from api.http.app import create
from api.http.protocol import HastyProtocol


@asynccontextmanager
async def served(dependencies: Dependencies, **config: Any) -> AsyncIterator[int]:
    """The port; it ends with the block. `config`: of uvicorn, where it is not as usual."""
    taken = socket.create_server(("127.0.0.1", 0))
    usual: dict[str, Any] = {"log_level": "critical", "http": HastyProtocol}
    server = uvicorn.Server(uvicorn.Config(create(dependencies), **usual | config))
    serving = asyncio.create_task(server.serve([taken]))
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    yield taken.getsockname()[1]
    server.should_exit = True
    await serving
