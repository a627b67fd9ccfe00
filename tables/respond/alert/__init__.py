"""Alerts: one row for what a rule says of one thing, one id for each time that it fires."""
