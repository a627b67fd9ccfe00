"""What people answered on a telephone or in an app, wherever it came from: who it was, and what it is about."""
