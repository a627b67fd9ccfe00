"""What windows held earlier, and how far they have changed since."""
