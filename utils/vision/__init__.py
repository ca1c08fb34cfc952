"""Pictures as files, and the network that transformers does not have."""
