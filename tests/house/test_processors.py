"""One thread a process: whoever imports a package has told NumPy so before it is loaded, unless told otherwise."""

import os
import subprocess
import sys

import pytest

from tests.house.source import ROOT

NAME = "OPENBLAS_NUM_THREADS"


@pytest.mark.parametrize("package", ["model_data", "optimizer", "benchmarks"])
@pytest.mark.parametrize(("said", "holds"), [(None, "1"), ("3", "3")])
def test_products_of_vectors_take_one_thread(package, said, holds):
    told = {name: value for name, value in os.environ.items() if name != NAME} | ({NAME: said} if said else {})
    watched = (
        f"import os, sys\nclass Watch:\n    def find_spec(self, name, *_):\n        "
        f"if name == 'numpy': print(os.environ.get({NAME!r}), file=sys.stderr)\n"
        f"sys.meta_path.insert(0, Watch())\nimport {package}\nimport numpy\nprint(os.environ[{NAME!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", watched], cwd=ROOT, env=told, capture_output=True, text=True, check=True
    )
    assert (done.stdout.strip(), done.stderr.strip()) == (holds, holds)
