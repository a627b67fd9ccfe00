"""What each channel takes of an endpoint document: one file a channel, and one line in the registry."""
