"""How products relate."""
