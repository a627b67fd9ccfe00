"""`/v1/alerts`: the list with its facets, one alert, a silence from it, and what people do about alerts."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes.alerts import answers, listing, one, silence_draft

router = APIRouter()
for each in (listing, one, silence_draft, answers):  # the list before what has an id in its path
    router.include_router(each.router)
