"""The voice channel: a call by Twilio that reads the alert out and takes an answer by key."""
