"""`/v1/history`: alerts that were, how fast they were answered, reports and archives of them."""
