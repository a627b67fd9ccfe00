"""Verbs that run the product on this machine and look after it."""
