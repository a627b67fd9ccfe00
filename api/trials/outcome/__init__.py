"""What a trial brings: curves, rows of models, and the short of its timeline."""
