"""The Hub switch against a server on this machine: what is fetched is whole, and every trouble is one sentence."""

import shutil
from pathlib import Path

import pytest
from hub_server import HubServer
from IPython.core.interactiveshell import InteractiveShell

from utils import checkpoint, hub
from utils.checkpoints import REGISTRY, TRAINED
from utils.whole import sha256

ROLE = "vgg16"  # small, and no library is needed to tell whether it is whole
ID = REGISTRY[ROLE].hub
OFFLINE = "try again, or go on offline: unset WORKBOOK_CHECKPOINTS, start anew, and the course takes the models that it"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = shutil.copytree(TRAINED / ROLE, tmp_path_factory.mktemp("hub") / "vgg16")
    (folder / "onnx").mkdir()
    for name in ("onnx/model.onnx", "tf_model.h5", "onnx/config.json", "pytorch_model.bin"):
        (folder / name).write_text("not wanted")
    with HubServer({f"models/{ID}": folder}) as server:
        yield server


@pytest.fixture
def online(server, tmp_path, monkeypatch):
    """The server in the place of the Hub, with empty caches, for a process that has no patience."""
    server.fault, server.asked = None, []
    monkeypatch.setenv("WORKBOOK_CHECKPOINTS", "hub")
    constants = {
        "ENDPOINT": server.url,
        "HUGGINGFACE_CO_URL_TEMPLATE": server.url + "/{repo_id}/resolve/{revision}/{filename}",
        "HF_HUB_OFFLINE": False,
        "HF_HUB_CACHE": str(tmp_path / "hub"),
        "HF_HUB_DISABLE_PROGRESS_BARS": True,
        "HF_HUB_DOWNLOAD_TIMEOUT": 1,
    }
    for name, value in constants.items():
        monkeypatch.setattr(f"huggingface_hub.constants.{name}", value)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    monkeypatch.setattr(hub, "WAIT", 0.5)
    hub.fetched.cache_clear()
    yield server
    hub.fetched.cache_clear()


def weights(folder: str) -> Path:
    return Path(folder) / "model.safetensors"


def test_what_is_fetched_is_whole_and_no_more_than_needed(online):
    folder = checkpoint(ROLE)
    assert sha256(weights(folder)) == REGISTRY[ROLE].source.sha256
    assert sorted(path.name for path in Path(folder).iterdir()) == ["config.json", "model.safetensors"]
    online.asked.clear()
    assert checkpoint(ROLE) == folder and not online.asked  # once in a process
    hub.fetched.cache_clear()
    assert checkpoint(ROLE) == folder and not any("safetensors" in path for path in online.asked)


def test_an_old_checkpoint_without_safetensors_is_fetched_too(online, tmp_path, monkeypatch):
    (tmp_path / "old").mkdir()
    for name in ("config.json", "pytorch_model.bin", "source.spm", "rust_model.ot"):
        (tmp_path / "old" / name).write_text("{}")
    monkeypatch.setitem(online.repositories, "models/old/one", tmp_path / "old")
    fetched = sorted(path.name for path in Path(hub.fetched("old/one")).iterdir())
    assert fetched == ["config.json", "pytorch_model.bin", "source.spm"]


def test_what_was_fetched_serves_without_a_network(online):
    folder = checkpoint(ROLE)
    online.fault = "error 500"
    hub.fetched.cache_clear()
    assert checkpoint(ROLE) == folder


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("error 500", "500 Internal Server Error"),
        ("slow", "ReadTimeout"),
        ("cut off", "RemoteProtocolError"),
        ("page for weights", "should be of size"),
        ("page for all", "JSONDecodeError"),
        ("gone", "RepositoryNotFoundError"),
        ("no network", "ConnectError"),
    ],
)
def test_a_server_in_trouble_is_one_sentence(online, monkeypatch, fault, reason):
    online.fault = fault
    if fault == "gone":
        monkeypatch.setattr(online, "repositories", {})
    if fault == "no network":
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ConnectionError) as raised:
        checkpoint(ROLE)
    said = str(raised.value)
    assert said.startswith(f"{ID} could not be fetched from http://127.0.0.1:") and said.endswith(f"{OFFLINE} has")
    assert any(part in said for part in reason.split("|")) and "\n" not in said
    online.fault = None
    monkeypatch.undo()  # and then it works


def test_other_bytes_than_the_hash_says_are_never_kept(online):
    online.fault = "other bytes"
    for _ in range(2):
        with pytest.raises(ValueError, match=rf"{ID}: model\.safetensors came with other bytes than .*{OFFLINE}"):
            checkpoint(ROLE)
    online.fault = None
    assert sha256(weights(checkpoint(ROLE))) == REGISTRY[ROLE].source.sha256


def test_a_file_damaged_in_the_cache_is_noticed_and_fetched_anew(online):
    file = weights(checkpoint(ROLE)).resolve()
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    online.fault = "error 500"
    hub.fetched.cache_clear()
    with pytest.raises(ValueError, match=r"model\.safetensors came with other bytes"):
        checkpoint(ROLE)
    online.fault = None
    assert sha256(weights(checkpoint(ROLE))) == REGISTRY[ROLE].source.sha256


def test_half_of_a_download_is_not_taken_for_the_whole(online):
    """The weights break off; then there is no network at all."""
    online.fault = "cut off"
    with pytest.raises(ConnectionError):
        checkpoint(ROLE)
    online.fault = "error 500"
    with pytest.raises(ConnectionError, match="500 Internal Server Error"):
        checkpoint(ROLE)


def test_a_cache_that_cannot_be_written_is_one_sentence(online, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "file" / "hub"))
    with pytest.raises(
        OSError, match=r"file/hub cannot be written \(.+\): .*, or set the variable HF_HOME to a folder"
    ):
        checkpoint(ROLE)


SOFTLY = "print(1); assert 1 + 1 == 2\nassert 1 + 1 == 3, 'why'\nprint(2)"


@pytest.mark.parametrize("folder", ["notebooks", "exercises/01_pipelines"])
def test_assertions_about_another_checkpoint_are_printed_in_lessons_only(tmp_path, monkeypatch, capsys, folder):
    (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / folder)
    shell = InteractiveShell()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    for _ in range(2):
        hub.check_softly()
    result = shell.run_cell(SOFTLY)
    printed = capsys.readouterr().out
    if folder == "notebooks":
        assert printed == "1\nWith this checkpoint it does not hold: assert 1 + 1 == 3, 'why'\n2\n" and result.success
    else:
        assert isinstance(result.error_in_exec, AssertionError) and "does not hold" not in printed
