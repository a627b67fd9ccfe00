"""Trying rules on samples in memory."""
