"""Grading a class with nbgrader: what is handed in is made ready for it, runs in a sandbox, and no zero is unclear.

`python -m utils.grading` is the command (docs/instructors.md); nbgrader_config.py says which parts nbgrader uses.
"""
