"""Note what the files of the data sets hold, so that a damaged one is noticed (`utils.data.dataset_path`).

python -m data.recipes.common.sums       writes data/sha256.txt, which `sha256sum -c` reads, too
"""

from utils.data import DATA, SUMMED, SUMS
from utils.whole import sha256, write_text


def write_sums() -> None:
    """Write data/sha256.txt: a line for each table in binary form and each recording. Pictures check themselves."""
    files = sorted(path for pattern in SUMMED for path in DATA.glob(pattern))
    write_text(SUMS, "".join(f"{sha256(path)}  {path.relative_to(DATA).as_posix()}\n" for path in files))


if __name__ == "__main__":
    write_sums()
