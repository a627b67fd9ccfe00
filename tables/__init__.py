"""What is remembered: rows, and the pure machines that change them; `World` runs them in memory."""
