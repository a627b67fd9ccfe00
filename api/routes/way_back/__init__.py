"""What people do elsewhere about what they were told: at a provider, or by a link in a mail."""
