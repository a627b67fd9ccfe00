"""Verbs about what keeps alerts quiet: silences and maintenance windows."""
