"""Reports that come by themselves: when each is due, and who is told of it."""
