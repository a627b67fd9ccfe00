"""Instances of rules: how each stands, and what moves it."""
