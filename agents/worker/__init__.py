"""One worker from its settings to its end: what it runs, what watches it, and how an operator puts it right."""
