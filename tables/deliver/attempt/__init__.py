"""Attempts: one call each."""
