"""The questions that we ask a ContextForge gateway, and its answers in our words."""
