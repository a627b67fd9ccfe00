"""How the system itself is: how far each reader stands behind, and what the API counts."""
