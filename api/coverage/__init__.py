"""What rules can see of what was sent lately."""
