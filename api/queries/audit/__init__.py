"""Revisions of documents, and the chain of hashes that they stand in."""
