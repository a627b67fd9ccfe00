"""Rules about events: which instance an event belongs to, how each stands, and what is told of it."""
