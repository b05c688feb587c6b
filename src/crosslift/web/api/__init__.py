"""The HTTP API, a file a verb."""
