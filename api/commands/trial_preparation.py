"""From what somebody asks to what a trial does: may it be, which version holds now, which documents stand beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from fastapi.concurrency import run_in_threadpool

from api.commands import document_commands
from api.coverage.recorded_telemetry import read_records
from api.dependencies import Dependencies
from api.queries import documents as reading
from api.queries.documents import DocumentRow
from api.trials.outcome.trial_answer import answer
from api.trials.recorded.recording import span
from api.trials.trial_input import inputs
from api.trials.trial_request import Trial
from api.trials.trial_task import GivenInputs, RecordedInputs, TrialOutcome, TrialTask, bodies
from api.trials.trial_warnings import remarks
from streams.access import Permission, readable_teams, require
from streams.documents.document import PLATFORM, Owned
from streams.documents.rule import Rule
from streams.messages.command import Principal

DISABLED = "the rule is disabled: it was tried as if it were enabled"
ASIDE = frozenset({"enabled", "description", "file"})  # fields that change nothing of what a rule says


class PreparedTrial(NamedTuple):
    """A trial that may be carried out. `before`: of the version that holds now, revision and whether it is enabled."""

    rule: Rule
    before: dict[str, Any] | None
    task: TrialTask
    remarks: list[str]

    def answer(self, outcome: TrialOutcome) -> dict[str, Any]:
        """What comes of it, as JSON."""
        return answer(self.rule, self.before, outcome, self.remarks)


async def prepared(deps: Dependencies, who: Principal, trial: Trial) -> PreparedTrial:
    """The trial as it can be carried out; Refused where this person may not, or it says nothing that can be."""
    trial.check()
    given = document_commands.readable("rule", await document_commands.named(deps, who, "rule", trial.rule))
    assert isinstance(given, Rule)
    beside = [document_commands.readable(str(body.get("type")), body) for body in trial.documents]
    for document in (given, *beside):
        require(who, Permission.TRY, document.team)
    rule = given.model_copy(update={"enabled": True})
    own = readable_teams(who)
    teams = None if own is None else sorted({*own, PLATFORM})  # whose routes and policies may tell somebody
    rows = await deps.database.read(lambda c: reading.all_of(c, "", teams))
    if trial.recorded is not None:
        require(who, Permission.READ_TELEMETRY, PLATFORM)
    made = await run_in_threadpool(_prepared, deps, trial, rule, beside, rows)
    return made if given.enabled else made._replace(remarks=[DISABLED, *made.remarks])


def _prepared(
    deps: Dependencies, trial: Trial, rule: Rule, beside: Sequence[Owned], rows: Sequence[DocumentRow]
) -> PreparedTrial:
    """The same; beside the event loop, since there may be very many values and documents."""
    before = _before(rows, rule)
    members = _members(rows, beside, rule)
    source, words = _source(deps, trial, rule, members)
    others = bodies([*_others(rows, beside), *members])
    task = TrialTask(bodies([rule])[0], bodies([before[1]])[0] if before else None, others, source)
    stood = (
        {"revision": before[0].revision, "enabled": bool(before[0].body.get("enabled", True))}
        if before
        else None
    )
    return PreparedTrial(rule, stood, task, words)


def _source(
    deps: Dependencies, trial: Trial, rule: Rule, members: Sequence[Rule]
) -> tuple[GivenInputs | RecordedInputs, list[str]]:
    """What the rule is tried on, and what is odd about it."""
    if trial.recorded is not None:
        return RecordedInputs(read_records, deps.settings, span(trial.recorded, rule, deps.now())), []
    samples = trial.all_samples()
    given = GivenInputs(*inputs(trial.gateway, samples, trial.events))
    return given, remarks([rule, *members], samples, trial.gateway, deps.now(), trial.events)


def _members(rows: Sequence[DocumentRow], beside: Sequence[Owned], rule: Rule) -> list[Rule]:
    """The rules of which it is made, those that come with it first, in shadow: nobody is told of them."""
    stored = reading.readable(row for row in rows if row.type == "rule" and row.name in rule.members())
    known = {
        (document.team, document.name): document
        for document in (*stored, *beside)
        if isinstance(document, Rule)
    }
    members = (known.get((rule.team, name)) or known.get((PLATFORM, name)) for name in rule.members())
    return [
        document.model_copy(update={"shadow": True, "enabled": True})
        for document in members
        if document is not None
    ]


def _before(rows: Sequence[DocumentRow], rule: Rule) -> tuple[DocumentRow, Rule] | None:
    """The version that holds now, as if it were enabled; None where there is none, or it says the same."""
    row = next((row for row in rows if row.type == "rule" and row.id == rule.id), None)
    documents = reading.readable([row] if row else [])
    if row is None or not documents:
        return None
    (known,) = documents
    assert isinstance(known, Rule)
    held = known.model_copy(update={"enabled": True})
    return None if _meant(held) == _meant(rule) else (row, held)


def _meant(rule: Rule) -> dict[str, Any]:
    return {name: value for name, value in rule.body().items() if name not in ASIDE}


def _others(rows: Sequence[DocumentRow], beside: Sequence[Owned]) -> list[Owned]:
    """All documents that are no rule: those that come with it in the place of those that there are."""
    replaced = {document.id for document in beside}
    stored = reading.readable(row for row in rows if row.type != "rule" and row.id not in replaced)
    return [*stored, *(document for document in beside if document.type != "rule")]
