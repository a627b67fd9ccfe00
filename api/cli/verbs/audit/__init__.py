"""Verbs that tell what was changed, and take it back."""
