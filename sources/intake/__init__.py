"""Foreign formats in: what plugins and services send over HTTP, as our messages. Pure translations."""
