"""Suppression: why nobody is told of an alert that fires, since when, and what follows when that ends."""
