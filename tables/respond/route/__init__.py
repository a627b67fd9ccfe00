"""Routes: which groups an alert belongs to, and whom each of them tells, step by step."""
