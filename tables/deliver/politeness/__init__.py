"""Politeness: when a recipient wants to be told, and how often. Each rule is a file; `decide.py` asks them in order."""
