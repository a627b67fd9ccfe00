"""The path of each alert as an OpenTelemetry trace, told from what lies in the topics; no stage knows of it."""
