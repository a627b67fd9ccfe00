"""Error budgets of service level objectives: what of them is spent, and how fast they burn."""
