"""The doors: HTTP API, its reference and the pages, over one shop."""
