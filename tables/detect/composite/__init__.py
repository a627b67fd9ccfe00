"""Rules about how other rules stand."""
