"""Endpoints at which senders of other alerting systems are understood unchanged."""
