"""How people are reached, and who is on call."""
