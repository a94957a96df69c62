"""How a command ended, for scripts. 1 is left to Python: a defect of the program, with its traceback."""

from __future__ import annotations

from enum import IntEnum

from optimizer.status import Status


class ExitCode(IntEnum):
    """Exit codes of every command."""

    ANSWER = 0  # what was asked for was done; for solve and export: an optimum with its certificate
    USAGE = 2  # the command line itself is wrong, or a file cannot be written
    DATA = 3  # the plan, the scenario or a change cannot be used
    INFEASIBLE = 4  # no plan meets all requirements: an answer, with its conflict
    STOPPED = 5  # time limit reached, or cancelled
    FAILED = 6  # unbounded, uncertified, or the solver failed


_BY_STATUS = {
    Status.OPTIMAL: ExitCode.ANSWER,
    Status.INFEASIBLE: ExitCode.INFEASIBLE,
    Status.TIME_LIMIT: ExitCode.STOPPED,
    Status.CANCELLED: ExitCode.STOPPED,
    Status.UNBOUNDED: ExitCode.FAILED,
    Status.UNCERTIFIED: ExitCode.FAILED,
    Status.FAILED: ExitCode.FAILED,
}


def exit_code(status: Status) -> ExitCode:
    return _BY_STATUS[status]
