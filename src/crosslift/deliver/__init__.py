"""An offer reaches a person, and what came of it is kept by decision id."""
