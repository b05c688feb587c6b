"""Facts become knowledge: one run reads cleaned lines, learns, checks itself on a later slice, hands over a snapshot."""
