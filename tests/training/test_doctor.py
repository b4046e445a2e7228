"""The doctor measures what is there, and complains of what can be mended."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from inkdigits.machine import usable_cores
from inkdigits.training.doctor import Facts, complaints, examine

HEALTHY = Facts(
    torch="2.13.0+cpu",
    cuda_build=None,
    devices=("cpu",),
    processor="a processor",
    cores=4,
    threads=4,
    sgemm_gflops=200,
    numpy_gflops=210,
    conv_gflops=150,
    images_per_second=20_000,
    images_per_second_1=7_000,
    denormal_slowdown=1.1,
)


def test_a_healthy_machine_gives_no_complaint() -> None:
    assert complaints(HEALTHY) == []


@pytest.mark.parametrize(
    ("change", "what", "mend"),
    [
        ({"torch": "2.9.1"}, "CVE-2026-24747", 'pip install --upgrade "torch>=2.10"'),
        ({"cuda_build": "13.0"}, "built for CUDA 13.0", "--torch-backend cpu"),
        ({"threads": 64}, "64 threads and this process may use 4 cores", "--threads 4"),
        ({"threads": 1}, "uses 1 of 4 cores", "OMP_NUM_THREADS"),
        ({"images_per_second": 6_000}, "4 threads train slower than one", "--threads 1"),
        ({"sgemm_gflops": 60}, "60 GFLOP/s, numpy at 210", "mkl_serv_intel_cpu_true"),
        ({"denormal_slowdown": 40.0}, "cost 40 times", "set_flush_denormal"),
    ],
)
def test_each_trouble_is_named_with_its_mend(change: dict[str, Any], what: str, mend: str) -> None:
    found = complaints(replace(HEALTHY, **change))
    assert len(found) == 1
    assert what in found[0].what
    assert mend in found[0].mend


def test_a_cuda_build_with_a_gpu_is_fine() -> None:
    assert complaints(replace(HEALTHY, cuda_build="13.0", devices=("cuda", "cpu"))) == []


def test_this_machine_is_measured_and_left_as_it_was() -> None:
    threads = torch.get_num_threads()
    facts = examine()
    assert torch.get_num_threads() == threads == facts.threads
    assert facts.torch == torch.__version__
    assert "cpu" in facts.devices
    assert facts.cores == usable_cores() >= 1
    for speed in (facts.sgemm_gflops, facts.numpy_gflops, facts.conv_gflops):
        assert 0.1 < speed < 1e6
    assert facts.images_per_second > 10
    assert facts.denormal_slowdown > 0.1
