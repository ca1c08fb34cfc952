"""The pipelines' tasks as the explorer shows them."""
