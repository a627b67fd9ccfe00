"""The channel of Opsgenie and of Jira Service Management Operations: one adapter, two services."""
