"""The verbs about what was: notifications, reports, archives."""
