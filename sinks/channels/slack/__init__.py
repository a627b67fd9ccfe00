"""The Slack channel: one message a group, edited in place where a token allows it."""
