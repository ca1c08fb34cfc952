"""Build the course's book, a static site that opens from the disk: `python -m book` (or `make book`)."""

import sys

from book.build import SITE, book

if __name__ == "__main__":
    problems = book()
    if problems:
        sys.exit("The book has faults:\n" + "\n".join(problems))
    print(f"The book: {SITE / 'index.html'}")
