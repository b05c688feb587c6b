"""The sentences: a reason code, its evidence and a language in; one true sentence out."""
