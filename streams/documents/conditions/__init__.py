"""What a rule asks of its series and events, and when that is wrong."""
