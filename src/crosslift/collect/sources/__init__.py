"""One file a source: how a known export is recognized and turned into canonical columns."""
