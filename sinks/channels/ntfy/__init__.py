"""The ntfy channel: a push message to whoever subscribes to a topic."""
