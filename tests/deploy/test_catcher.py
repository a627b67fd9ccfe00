"""The far end of a demonstration."""

from __future__ import annotations

from threading import Thread

import httpx
import pytest

from deploy.catcher import catcher


@pytest.mark.parametrize(
    ("body", "line"), [(b'{"a": 1}', 'caught m1: {"a": 1}'), (b"\xff", "caught m1: b'\\xff'")]
)
def test_what_arrives_is_said_in_one_line(body: bytes, line: str) -> None:
    """With the message's id, so that a repeated delivery is seen to be the same."""
    said: list[str] = []
    with catcher("127.0.0.1", 0, said.append) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert (
            httpx.post(address, content=body, headers={"webhook-id": "m1"}, trust_env=False).status_code
            == 204
        )
        server.shutdown()
    assert said == [line]
