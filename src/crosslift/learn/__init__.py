"""Facts become knowledge: read cleaned lines, learn, check on a later slice, hand over a snapshot."""
