"""Circuits: an endpoint that fails again and again is not waited for, and its owner hears of it."""
