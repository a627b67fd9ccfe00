"""Anomaly rules: the model of each instance, what it scores, and what is said of it."""
