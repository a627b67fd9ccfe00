"""Revisions of documents, the way back to them, and the audit of all that was changed."""
