"""Data come in: read, recognized, validated, compared, kept whole; then judged by the quality report."""
