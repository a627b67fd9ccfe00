"""Errors as Alertmanager's API (v2) has them: what is wrong with a request is a 400 whose body is one sentence."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from api.error_answer import STATUS_OF
from streams.errors import Refused

WRONG = frozenset({400, 409, 422})  # of ours, that are all a 400 there


class AlertmanagerRoute(APIRoute):
    """A route whose refusals amtool and Prometheus can show; who may not, or asks for what is not, is told as ever."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with such refusals as answers."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except Refused as why:
                if STATUS_OF[why.code] not in WRONG:
                    raise
                return JSONResponse(str(why), 400)

        return handler
