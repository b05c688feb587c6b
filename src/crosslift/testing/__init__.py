"""What others test against: contract suites for stores and sources, and the seeded demo shop."""
