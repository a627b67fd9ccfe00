"""Pages about who may come in."""
