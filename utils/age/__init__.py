"""A writer's age: the model, its training and its pipeline, the page, and what is measured by hand."""
