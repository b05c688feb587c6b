"""What runs when, by itself: one timetable in `shop.toml`, one process beside the server, a history of every run.

Every job may run twice without harm. Which process runs one is known by a lock that dies with it, not by a clock.
"""
