"""The second machine: one team's alerts in one ordered log.

Effects flow down the files: `document` (the team's configuration) → `alert` → `group` → `escalation`. Levels 5 and 6
are kept free for inhibition and mutes, which will lie between alerts and groups.
"""
