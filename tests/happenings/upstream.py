"""A small MCP server, run by the gateway's own Python: `upstream.py NAME PORT [PEM]`; tools work, fail, or are late."""

from __future__ import annotations

import asyncio
import sys

import uvicorn

try:  # the SDK of version 2, which gateways from 1.0.11 on bring; only the gateway's environment has either
    from mcp.server.mcpserver import MCPServer  # type: ignore[import-not-found]
except ImportError:  # version 1 calls the same class otherwise
    from mcp.server.fastmcp import FastMCP as MCPServer  # type: ignore[import-not-found]


def serve(name: str, port: int, pem: str | None = None) -> None:
    """Serve three tools over streamable HTTP on loopback, for ever."""
    server = MCPServer(name)

    @server.tool()  # type: ignore[untyped-decorator]
    def search(words: str) -> str:
        """Find something."""
        return f"{name} found nothing about {words}"

    @server.tool()  # type: ignore[untyped-decorator]
    def fail(words: str) -> str:
        """Fail, whatever it is asked."""
        raise ValueError(f"{name} cannot find {words}")

    @server.tool()  # type: ignore[untyped-decorator]
    async def wait(seconds: float) -> str:
        """Answer late."""
        await asyncio.sleep(seconds)
        return "now"

    uvicorn.run(
        server.streamable_http_app(),
        host="127.0.0.1",
        port=port,
        log_level="warning",
        ssl_certfile=pem,
        ssl_keyfile=pem,
    )


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), *sys.argv[3:4])
