"""What senders of other alerting systems say, in their own formats."""
