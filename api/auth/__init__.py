"""Who asks, how that is proved, and what they may do."""
