"""Groups: the alerts that one route tells of together."""
