"""The Pushover channel: a push message that goes on sounding until somebody acknowledges it."""
