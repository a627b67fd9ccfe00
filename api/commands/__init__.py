"""From a request to a command, and from its decision to an answer."""
