"""Handwriting: synthetic writers, lines of handwriting as files, what a reader does with them."""
