"""All pages, and the first parts of their paths."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages.screens import (
    archive_screen,
    dead_letters_screen,
    document_screen,
    endpoints_screen,
    history_screen,
    maintenance_screen,
    oncall_screen,
    overview_screen,
    people_screen,
    policies_screen,
    routing_screen,
    rule_screen,
    rule_trial_screen,
    rules_screen,
    silences_screen,
)
from api.pages.screens.audit import audit_screen, revisions_screen
from api.pages.screens.people import tokens_screen

SCREENS = (
    overview_screen,
    rules_screen,
    rule_trial_screen,
    rule_screen,
    silences_screen,
    maintenance_screen,
    oncall_screen,
    people_screen,
    tokens_screen,
    policies_screen,
    routing_screen,
    endpoints_screen,
    history_screen,
    archive_screen,
    dead_letters_screen,
    audit_screen,
    revisions_screen,
    document_screen,
)
PATHS = (
    "/overview", "/rules", "/documents", "/silences", "/maintenance", "/oncall", "/people", "/routing", "/policies",
    "/endpoints", "/history", "/archive", "/audit", "/dead-letters", "/tokens",
)  # fmt: skip


def router() -> APIRouter:
    """The routes of all pages."""
    made = APIRouter()
    for screen in SCREENS:
        made.include_router(screen.router)
    return made
