"""One partition while a worker owns it: acquired behind a fence, applied record by record, written out."""
