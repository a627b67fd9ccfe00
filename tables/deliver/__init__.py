"""The third machine: one recipient's messages on a channel in one ordered log.

Level 2 is the recipient, level 3 `notification` the ledger. Throttles, quiet hours and bundles will lie above it.
"""
