"""Addresses of ours in messages: signed, each for one thing, for a while."""
