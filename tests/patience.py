"""How long a test waits for what must come: a busy machine is no failure, only what hangs is."""

PATIENCE = 300.0  # seconds after which it hangs
