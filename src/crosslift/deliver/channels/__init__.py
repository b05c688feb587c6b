"""How a decision looks in a channel: one file a channel, the same offer, price, promise and reason in each."""
