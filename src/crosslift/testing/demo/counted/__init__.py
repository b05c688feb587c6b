"""What is true of each kind of relation, counted over sister shops: one file a kind, each with what counts as true."""
