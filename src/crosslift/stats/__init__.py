"""The maths: arrays in, numbers out. Nothing here knows what a shop is."""
