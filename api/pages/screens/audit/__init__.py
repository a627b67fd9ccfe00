"""Pages of what was changed."""
