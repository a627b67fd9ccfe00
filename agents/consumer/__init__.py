"""Faust's consumer with our commits, and every option by which a worker belongs to its group."""
