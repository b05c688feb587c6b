"""Numbered, forward-only schema changes (Alembic)."""
