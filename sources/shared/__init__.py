"""What processes share without a folder in common: entries of the compacted topic `shared`, read and changed."""
