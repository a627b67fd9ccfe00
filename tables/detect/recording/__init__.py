"""Rules that record: what they find is told as series, for other rules to read."""
