"""What the stages, the sinks and the API say to each other, by subject."""
