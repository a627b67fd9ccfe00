"""The channels: one folder each, and one line in the registry."""
