"""The web application: what stands in front of every route, and failures as answers."""
