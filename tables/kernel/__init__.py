"""The law of state, once for all machines: rows and their levels, savepoints, write-out, deadlines, configuration."""
