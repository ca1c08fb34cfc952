"""The files that tell `accelerate launch` where a script runs: it reads them, and what it starts is what they say."""

from unittest.mock import patch

import pytest
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.commands.launch import _validate_launch_command, launch_command_parser
from accelerate.utils.launch import prepare_multi_gpu_env

from utils.data import ROOT

FILES = ROOT / "notebooks" / "launch"


def launched(name):
    """The options of `accelerate launch --config_file NAME train.py`, and the environment of its processes."""
    options = launch_command_parser().parse_args(["--config_file", str(FILES / name), "train.py"])
    options, _, _ = _validate_launch_command(options)
    options.main_process_port = options.main_process_port or 0  # 0: any free one
    with patch("accelerate.utils.launch.is_port_in_use", return_value=False):
        return options, prepare_multi_gpu_env(options)


@pytest.mark.parametrize(
    ("name", "machines", "of_each"), [("four_cards", 1, 4), ("two_machines", 2, 4), ("sharded", 1, 8)]
)
def test_so_many_processes_start_on_each_machine(name, machines, of_each):
    options, environment = launched(f"{name}.yaml")
    assert (options.num_machines, options.nproc_per_node) == (machines, str(of_each))
    assert environment["ACCELERATE_MIXED_PRECISION"] == "bf16" and options.multi_gpu == (name != "sharded")


def test_two_machines_meet_at_the_first():
    options, _ = launched("two_machines.yaml")
    assert options.rdzv_endpoint == "192.0.2.1:29500" and options.node_rank == 0


def test_the_model_is_sharded_layer_by_layer():
    options, environment = launched("sharded.yaml")
    told = {name.removeprefix("FSDP_"): value for name, value in environment.items() if name.startswith("FSDP_")}
    assert options.use_fsdp and environment["ACCELERATE_USE_FSDP"] == "true" and told["VERSION"] == "2"
    assert told["TRANSFORMER_CLS_TO_WRAP"] == "BertLayer" and told["AUTO_WRAP_POLICY"] == "TRANSFORMER_BASED_WRAP"
    assert told["RESHARD_AFTER_FORWARD"] == "true" and told["STATE_DICT_TYPE"] == "SHARDED_STATE_DICT"


def test_every_name_for_fsdp_is_an_option_of_accelerate():
    known = vars(launch_command_parser().parse_args(["train.py"]))
    assert set(load_config_from_file(str(FILES / "sharded.yaml")).fsdp_config) <= set(known)
