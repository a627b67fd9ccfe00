"""Local time: what the clock on a wall shows, when it shows it, and hours of the week."""
