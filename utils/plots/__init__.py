"""Pictures of the lessons: one module a subject, a picture is one call."""
