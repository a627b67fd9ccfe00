"""Who can be told, and when: people, teams and schedules, with the decisions about them that need no memory."""
