"""The words: frozen dataclasses, standard library only, no input or output."""
