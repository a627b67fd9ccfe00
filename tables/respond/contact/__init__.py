"""How people are reached: codes that confirm it, and what people change about themselves."""
