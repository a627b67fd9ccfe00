"""`/v1/alerts`: the list with its facets, one alert, whom matchers would cover, and what people do about alerts."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes.alerts import answers, covered, listing, one

router = APIRouter()
for each in (listing, covered, one, answers):  # the list before what has an id in its path
    router.include_router(each.router)
