"""What each channel takes of an endpoint document, one file a channel, and what links and keys lead back from it."""
