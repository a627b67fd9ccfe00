"""A real ContextForge gateway for `make demo`: installed in an environment of its own, all on loopback."""
