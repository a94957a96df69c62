"""From an Instance to its LinearProgram without an object for every element."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.arrays.assembly import Assembly
from optimizer.collection import collection_paused
from optimizer.instance import Instance
from optimizer.latest import ENTRIES, SHAPES, Latest
from optimizer.program import LinearProgram
from optimizer.shape import Shape
from optimizer.stopwatch import part

# Each takes about as much memory as the matrix of its program.
_KEPT: Latest[Assembly] = Latest(SHAPES, lambda _, assembly: assembly.entries, ENTRIES)


@part("build")
def assemble(instance: Instance) -> LinearProgram:
    """The program that ``compile_lp(build(instance))`` gives, equal in everything, built without Pyomo."""
    assembly = kept_assembly(instance)
    program = assembly.program(instance)
    assembly.settle()
    return program


def kept_assembly(instance: Instance) -> Assembly:
    """How programs of this structure are assembled: read from the equations once, and kept."""
    with collection_paused():
        return _KEPT.get(_structure(instance), lambda: Assembly(instance))


@dataclass(frozen=True)
class _Structure:
    """All that decides which rows, columns and entries there are."""

    shape: Shape
    entries: tuple[bytes, ...]  # of forms
    whole_projects: bool
    projects: tuple[object, ...]
    stages: tuple[object, ...]
    targets: tuple[object, ...]
    budgets: tuple[object, ...]


def _structure(instance: Instance) -> _Structure:
    counting = instance.horizon.counting_years
    return _Structure(
        instance.shape,
        instance.forms.signature,
        instance.scenario.whole_projects,
        tuple((p.project, p.committed, p.years, p.requires) for p in instance.projects),
        tuple(tuple((t.quantity, counting(t.years)) for t in stage.terms) for stage in instance.scenario.objective),
        tuple((t.indicator, t.quantity, t.denominator, t.sense, t.standing, *t.asked) for t in instance.targets),
        tuple((b.budget, b.quantity, b.carry_over, b.over_plan is None, *b.by_year) for b in instance.budgets),
    )
