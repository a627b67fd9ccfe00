"""Dispatches: one notification on its way to one recipient, until it is delivered or of no use any more."""
