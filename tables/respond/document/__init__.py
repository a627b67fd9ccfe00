"""Configuration documents of a team: validated, numbered, and published for every stage."""
