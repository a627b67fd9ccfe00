"""The e-mail channel: one mail to all recipients of an endpoint, in the thread of its group."""
