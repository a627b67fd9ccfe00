"""Documents as people write them in YAML files."""
