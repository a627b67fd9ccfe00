"""Keeps declared processes running on one machine: starts them in order, watches, restarts and stops them."""
