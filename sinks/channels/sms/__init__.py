"""The SMS channel: by Twilio, or by any gateway that takes an HTTP request."""
