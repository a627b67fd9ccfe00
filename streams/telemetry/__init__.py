"""Batches of samples: series by name, and how they are read and compressed."""
