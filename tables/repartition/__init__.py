"""Rows of one partition dealt out to its successors, where a stage is given more partitions."""
