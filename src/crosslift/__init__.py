"""crosslift: know what goes with what, say it at the right moment, and prove what it earned."""

__version__ = "0.1.0"
