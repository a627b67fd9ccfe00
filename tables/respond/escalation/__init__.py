"""Escalations: who is told of a group, when, until somebody has it; and who must hear that it is over."""
