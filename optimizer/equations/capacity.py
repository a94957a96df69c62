"""Capacity: how it is carried from year to year, what it allows, how fast it may grow."""

from __future__ import annotations

from typing import Any

from optimizer.equations.equation import Model, equation


@equation(over="OPERATED")
def capacity_balance(m: Model, r: str, a: str, y: int) -> Any:
    r"""Capacity is last year's, less scheduled and further retirement, plus new capacity and the projects that enter.

    .. math:: K_{ray} = K_{ra,y-1} - D_{ray} - d_{ray} + n_{ray} + \sum_{p \in \mathcal{P}_{ray}} S_p v_{py}

    In the first year the base-year capacity :math:`K^0_{ray}` stands for last year's. Without a stated earliest year of
    building an activity has no :math:`n_{ray}`. New capacity and projects serve from the start of their year.
    """
    return m.capacity[r, a, y] == (
        m.inherited_capacity[r, a, y]
        + sum(m.capacity[r, a, t] for t in m.PREVIOUS[y])
        - m.scheduled_retirement[r, a, y]
        - m.retire[r, a, y]
        + sum(m.build[r, a, t] for t in m.BUILD_YEARS[r, a, y])
        + sum(m.size[p] * m.start[p, y] for p in m.ENTERING[r, a, y])
    )


@equation(over="OPERATED")
def output_limit(m: Model, r: str, a: str, y: int) -> Any:
    r"""Output is at most what the capacity in service can make.

    .. math:: x_{ray} \le u_{ray} K_{ray}

    :math:`u_{ray}` is the most that one unit of capacity makes in a year.
    """
    return m.output[r, a, y] <= m.utilisation[r, a, y] * m.capacity[r, a, y]


@equation(over="MUST_RUN")
def output_floor(m: Model, r: str, a: str, y: int) -> Any:
    r"""An activity that must run makes at least its floor for every unit of capacity in service.

    .. math:: x_{ray} \ge \underline{u}_{ray} K_{ray}
    """
    return m.output[r, a, y] >= m.utilisation_floor[r, a, y] * m.capacity[r, a, y]


@equation(over="OUTPUT_RAMPED")
def output_ramp(m: Model, r: str, a: str, y: int) -> Any:
    r"""Output grows at most by the stated rate, plus a stated step so that zero can grow.

    .. math:: x_{ray} \le (1 + \gamma^x_{ray}) x_{ra,y-1} + \Delta^x_{ray}

    In the first year the base-year output :math:`x^0_{ray}` stands for last year's.
    """
    return m.output[r, a, y] <= (
        (1 + m.output_growth[r, a, y]) * (m.inherited_output[r, a, y] + sum(m.output[r, a, t] for t in m.PREVIOUS[y]))
        + m.output_step[r, a, y]
    )


@equation(over="CAPACITY_RAMPED")
def capacity_ramp(m: Model, r: str, a: str, y: int) -> Any:
    r"""Capacity grows at most by the stated rate, plus a stated step.

    .. math:: K_{ray} \le (1 + \gamma^K_{ray}) K_{ra,y-1} + \Delta^K_{ray}

    In the first year the base-year capacity :math:`K^0_{ray}` stands for last year's.
    """
    return m.capacity[r, a, y] <= (
        (1 + m.capacity_growth[r, a, y])
        * (m.inherited_capacity[r, a, y] + sum(m.capacity[r, a, t] for t in m.PREVIOUS[y]))
        + m.capacity_step[r, a, y]
    )


@equation(over="CAPACITY_LIMITED")
def capacity_limit(m: Model, r: str, a: str, y: int) -> Any:
    r"""Capacity is at most the potential of the region.

    .. math:: K_{ray} \le \overline{K}_{ray}
    """
    return m.capacity[r, a, y] <= m.most_capacity[r, a, y]


@equation(over="BUILD_LIMITED")
def build_limit(m: Model, r: str, a: str, y: int) -> Any:
    r"""Generic new capacity of one year is at most what can be built; projects do not count.

    .. math:: n_{ray} \le \overline{n}_{ray}
    """
    return m.build[r, a, y] <= m.most_build[r, a, y]


@equation(over="HOSTED_OUTPUT")
def host_output_limit(m: Model, r: str, a: str, y: int) -> Any:
    r"""An add-on makes at most its potential per unit of its hosts' output.

    .. math:: x_{ray} \le \sum_{h \in \mathcal{H}^x_{ra}} \eta^x_{ah} x_{rhy}
    """
    return m.output[r, a, y] <= sum(m.output_potential[a, h] * m.output[r, h, y] for h in m.OUTPUT_HOSTS[r, a])


@equation(over="HOSTED_CAPACITY")
def host_capacity_limit(m: Model, r: str, a: str, y: int) -> Any:
    r"""An add-on has at most its potential per unit of its hosts' capacity.

    .. math:: K_{ray} \le \sum_{h \in \mathcal{H}^K_{ra}} \eta^K_{ah} K_{rhy}
    """
    return m.capacity[r, a, y] <= sum(m.capacity_potential[a, h] * m.capacity[r, h, y] for h in m.CAPACITY_HOSTS[r, a])
