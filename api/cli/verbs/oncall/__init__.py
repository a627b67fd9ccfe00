"""Verbs about who is on call, and how people are reached."""
