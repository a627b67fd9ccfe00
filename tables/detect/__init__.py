"""The first machine: series → windows → conditions → verdicts, one gateway's telemetry in one ordered log.

Effects flow down the files: `gateway` (entry) → `series` → `window` → `state`; `judge` holds the state
machine's table, `index` finds slots, `plan` says which slots feed which.
"""
