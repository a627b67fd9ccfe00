"""Attempts: one call each, and what it brought."""
