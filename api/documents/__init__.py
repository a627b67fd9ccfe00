"""Configuration documents as the API handles them: compared, referred to, sealed and shown; without HTTP."""
