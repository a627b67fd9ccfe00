"""The archive: what is over and old, in files by month."""
