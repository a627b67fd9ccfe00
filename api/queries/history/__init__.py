"""What the API reads of what is over: which alerts, how fast they were answered, what made noise."""
