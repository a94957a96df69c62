"""``planopt formulation``: the equations, as the documentation has them."""

from __future__ import annotations

import sys

from optimizer.commands.exit_codes import ExitCode
from optimizer.formulation import formulation_page


def run() -> ExitCode:
    sys.stdout.write(formulation_page())
    return ExitCode.ANSWER
