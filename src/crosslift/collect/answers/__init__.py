"""What survey and review services send as soon as somebody answers, as rows of feedback; one file a service."""
