"""Knowledge becomes an offer, or honestly none. Pure: no store, no clock, no chance of its own."""
