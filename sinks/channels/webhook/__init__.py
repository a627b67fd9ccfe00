"""The webhook channel: one signed HTTP POST."""
