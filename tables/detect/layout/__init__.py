"""Lists of series that batches may name: what is remembered of them, and until when."""
