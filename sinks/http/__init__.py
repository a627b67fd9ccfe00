"""HTTP for all channels that call over it: checked addresses, no redirects, bounded time and answers."""
