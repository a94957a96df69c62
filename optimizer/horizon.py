"""The years of a program: plan years that are decided and closing years that follow them."""

from __future__ import annotations

from dataclasses import dataclass

from model_data import Plan
from optimizer.scenario import Scenario, Years


@dataclass(frozen=True)
class Horizon:
    """``years`` are planned; ``closing`` continue the limits of the last of them.

    ``last_plan_year`` is the plan's own, which a window may end before; ``limits_from`` is the first year in which
    indicators and objectives count (later than the first year only where one target year is asked for).
    """

    base_year: int
    years: tuple[int, ...]
    closing: tuple[int, ...]
    last_plan_year: int
    limits_from: int

    @property
    def all(self) -> tuple[int, ...]:
        return self.years + self.closing

    def limit_year(self, year: int) -> int:
        """The year whose limits hold in ``year``: itself, or the last planned year for a closing year."""
        return min(year, self.years[-1])

    def binding_years(self, years: Years | None) -> tuple[int, ...]:
        """Years of the horizon in which something stated for ``years`` holds, closing years included."""
        stated = self._stated(years)
        held = [year for year in self.years if year in stated and year >= self.limits_from]
        return tuple(held) + (self.closing if self.years[-1] in stated else ())

    def counting_years(self, years: Years | None) -> tuple[int, ...]:
        """Years in which an objective term counts: closing years too, unless the term names years."""
        if years is None:
            return tuple(year for year in self.all if year >= self.limits_from)
        stated = self._stated(years)
        return tuple(year for year in self.years if year in stated and year >= self.limits_from)

    def _stated(self, years: Years | None) -> set[int]:
        if years == "last":
            return {self.last_plan_year}
        if years is None or years == "each":
            return set(self.years)
        return set(years)


def plan_horizon(plan: Plan, scenario: Scenario) -> Horizon:
    """All plan years at once, or up to the target year where a single year is asked for."""
    settings = plan.settings
    target = scenario.target_year
    if scenario.foresight == "single_year" and target is not None:
        return _window(plan, target, limits_from=target)
    return _window(plan, settings.last_year, limits_from=settings.first_year)


def myopic_horizons(plan: Plan) -> tuple[Horizon, ...]:
    """One window a plan year: each ends with that year and is followed by its own closing years."""
    first, last = plan.settings.first_year, plan.settings.last_year
    return tuple(_window(plan, year, limits_from=first) for year in range(first, last + 1))


def _window(plan: Plan, last: int, *, limits_from: int) -> Horizon:
    settings = plan.settings
    return Horizon(
        base_year=settings.base_year,
        years=tuple(range(settings.first_year, last + 1)),
        closing=tuple(range(last + 1, last + 1 + settings.closing_years)),
        last_plan_year=settings.last_year,
        limits_from=limits_from,
    )
