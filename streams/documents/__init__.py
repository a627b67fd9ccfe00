"""Configuration documents by subject, each with the stateless decisions about it."""
