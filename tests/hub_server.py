"""A server on this machine that speaks the Hub's protocol, as far as the course's libraries need it.

with HubServer({"models/gpt2": folder}) as server:      # "datasets/…" and "spaces/…", too
    ...                                                 # HF_ENDPOINT=server.url

It serves each folder as one commit. `server.fault` makes it misbehave, `server.asked` has the
paths that were asked for.
"""

import hashlib
import json
import re
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from utils.hub import _git_hash
from utils.whole import sha256

FAULTS = ("error 500", "cut off", "other bytes", "page for weights", "page for all", "slow")
LARGE = (".safetensors", ".bin", ".parquet")  # what the Hub keeps in Git LFS, with a SHA-256
PAGE = b"<!DOCTYPE html><title>Sign in to the network</title>"
FILE = re.compile(r"/(?P<kind>datasets/|spaces/)?(?P<name>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)")
API = re.compile(
    r"/api/(?P<kind>models|datasets|spaces)/(?P<name>[^/]+/[^/]+?)(/(?P<what>revision|tree|paths-info)/(?P<revision>[^/]+)(?P<below>/.*)?)?/?"
)


def commit(repo: str) -> str:
    """The one commit of a repository ("models/gpt2"): 40 hexadecimal digits."""
    return hashlib.sha1(repo.encode()).hexdigest()


@cache
def entry(path: Path, name: str) -> dict:
    """A file as the tree of a repository lists it."""
    size = path.stat().st_size
    if path.suffix not in LARGE:
        return {"type": "file", "path": name, "size": size, "oid": _git_hash(path.read_bytes())}
    found = sha256(path)
    listed = {"type": "file", "path": name, "size": size, "oid": _git_hash(found.encode())}  # of what points to it
    listed["lfs"] = {"oid": found, "size": size, "pointerSize": 134}
    return listed


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def json(self, content) -> None:
        self.answer(200, json.dumps(content).encode(), Content_Type="application/json")

    def missing(self, code: str, **headers: str) -> None:
        self.answer(404, b"", X_Error_Code=code, X_Error_Message=code, **headers)

    def do_GET(self) -> None:
        path, fault = unquote(urlsplit(self.path).path), self.server.fault
        self.server.asked.append(path)
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if fault == "slow":
            threading.Event().wait(self.server.delay)
        if fault == "error 500":
            self.answer(500, b"")
        elif fault == "page for all":
            self.answer(200, PAGE, Content_Type="text/html")
        elif found := FILE.fullmatch(path):
            self.file((found["kind"] or "models/") + found["name"], found["file"])
        elif found := API.fullmatch(path):
            self.api(f"{found['kind']}/{found['name']}", found["what"], (found["below"] or "").strip("/"))
        else:
            self.missing("RepoNotFound")

    do_HEAD = do_POST = do_GET

    def api(self, repo: str, what: str | None, below: str) -> None:
        if (folder := self.server.repositories.get(repo)) is None:
            return self.missing("RepoNotFound")
        files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
        if what in ("tree", "paths-info"):
            wanted = json.loads(self.body)["paths"] if what == "paths-info" else files
            names = [name for name in files if name.startswith(below) and name in wanted]
            return self.json([entry(files[name], name) for name in names])
        named = {"id": repo.partition("/")[2], "sha": commit(repo), "private": False, "gated": False, "tags": []}
        return self.json(named | {"siblings": [{"rfilename": name} for name in files]})

    def file(self, repo: str, name: str) -> None:
        if (folder := self.server.repositories.get(repo)) is None:
            return self.missing("RepoNotFound")
        if not (path := folder / name).is_file():
            return self.missing("EntryNotFound", X_Repo_Commit=commit(repo))
        data, listed, fault = path.read_bytes(), entry(path, name), self.server.fault
        headers = {"ETag": f'"{listed["oid"]}"', "X_Repo_Commit": commit(repo), "Accept_Ranges": "bytes"}
        if "lfs" in listed:
            headers |= {"X_Linked_Etag": f'"{listed["lfs"]["oid"]}"', "X_Linked_Size": str(len(data))}
            if fault == "page for weights":
                return self.answer(200, PAGE, **headers)
            if fault == "other bytes":
                data = data[:-1] + bytes([data[-1] ^ 1])
            if fault == "cut off" and self.command == "GET":
                self.close_connection = True
                return self.answer(200, data[: len(data) // 2], len(data), **headers)
        if (wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")) is None:
            return self.answer(200, data, **headers)
        start, end = int(wanted[1]), min(int(wanted[2] or len(data)), len(data) - 1)
        headers["Content_Range"] = f"bytes {start}-{end}/{len(data)}"
        return self.answer(206, data[start : end + 1], **headers)


class HubServer(ThreadingHTTPServer):
    """Serves `repositories` ("models/<id>" -> folder) on this machine, from the begin to the end of a block."""

    daemon_threads = True

    def __init__(self, repositories: dict[str, Path]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories, self.asked = repositories, []
        self.fault: str | None = None
        self.delay = 3.0  # seconds, of a slow server
        self.url = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> "HubServer":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def handle_error(self, request, client_address) -> None:
        """A client that gave up is nothing to print."""

    def __exit__(self, *_) -> None:
        self.shutdown()
        self.server_close()
