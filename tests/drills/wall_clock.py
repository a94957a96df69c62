"""A wall clock that a test sets for the processes that it starts; wall_clock.c says how."""

import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_suffix(".c")
DAY = 86_400.0


class WallClock:
    """Right at first. ``environment``: of processes that are to see it."""

    def __init__(self, folder):
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("no compiler of C is there")
        program, self._file = folder / "wall_clock.so", folder / "wall_clock"
        subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", program, SOURCE], check=True)
        self._file.write_bytes(bytes(8))
        self.environment = {"LD_PRELOAD": str(program), "WALL_CLOCK": str(self._file)}

    def set_ahead(self, seconds):
        """Before the right time where negative."""
        file = os.open(self._file, os.O_WRONLY)
        os.pwrite(file, struct.pack("q", int(seconds * 1e9)), 0)
        os.close(file)
