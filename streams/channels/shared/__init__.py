"""What the endpoint documents of several channels share."""
