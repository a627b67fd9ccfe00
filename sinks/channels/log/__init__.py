"""The log channel: one JSON line."""
