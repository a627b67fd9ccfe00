"""The Microsoft Teams channel: an adaptive card, posted by a workflow."""
