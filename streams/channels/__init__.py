"""What each channel takes of an endpoint document, one file a channel."""
