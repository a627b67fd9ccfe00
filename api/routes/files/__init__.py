"""Documents as files: all of them at once."""
