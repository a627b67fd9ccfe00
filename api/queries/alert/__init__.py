"""What is asked of alerts beside their list: how many of each kind, whom matchers cover, and all about one."""
