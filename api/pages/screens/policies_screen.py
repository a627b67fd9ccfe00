"""`/policies`: each escalation policy as a time line, and whom its steps reach if they fire now."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.dependencies import Deps, Who
from api.pages.surface import directory, outcome
from api.pages.surface.directory import DocumentDirectory
from api.pages.surface.layout import render
from api.routes import policies
from streams.documents.policy import Policy, Step
from streams.messages.envelope import Severity
from tables.respond.oncall.audience import Audience

router = APIRouter(prefix="/policies", include_in_schema=False)
CRITICAL: Severity = "critical"


class StepLine(NamedTuple):
    """One step; `at`: seconds from the first notification, if each is delivered at once; whom it reaches now."""

    step: Step
    at: float
    reaches: Audience


class PolicyLine(NamedTuple):
    """A policy step by step, and whom its last resort reaches now, None where it has none."""

    policy: Policy
    steps: list[StepLine]
    last_resort: Audience | None


@router.get("")
async def listed(request: Request, deps: Deps, who: Who) -> Response:
    """The policies that you may see."""
    known = await directory.directory(deps, who)
    now = deps.now()
    lines = await run_in_threadpool(lambda: [_line(policy, known, now) for policy in known.all(Policy)])
    return render(request, "policies.html", lines=lines)


@router.post("/{document_id}/apply-now")
async def apply_now(deps: Deps, who: Who, document_id: str) -> Response:
    """Let what runs go on by the policy as it is now."""
    answer = await policies.apply_now(deps, who, document_id, None)
    words = outcome.body_of(answer).get("says", "")
    return outcome.went_on(answer, "/policies", words or "What runs goes on by the policy as it is now.")


def _line(policy: Policy, known: DocumentDirectory, now: int) -> PolicyLine:
    after = accumulate(step.after for step in policy.steps)
    steps = [
        StepLine(
            step, at / 1000, known.reaches(policy.team, step.notify, (step.severity or [CRITICAL])[0], now)
        )
        for step, at in zip(policy.steps, after, strict=True)
    ]
    last = known.reaches(policy.team, [policy.last_resort], CRITICAL, now) if policy.last_resort else None
    return PolicyLine(policy, steps, last)
