"""GLPK, the independent judge of optima (docs/decisions/0002-second-solver.md): model file in, optimum out."""

from pathlib import Path

import swiglpk as glpk


def glpk_optimum(path: Path, *, seconds: float = 300) -> float:
    """The optimum of a free MPS (minimise) or CPLEX LP file; ValueError where GLPK does not prove one."""
    glpk.glp_term_out(glpk.GLP_OFF)
    problem = glpk.glp_create_prob()
    try:
        read(problem, path)
        solve_relaxation(problem, seconds)
        if glpk.glp_get_num_int(problem) == 0:
            return glpk.glp_get_obj_val(problem)
        return solve_integers(problem, seconds)
    finally:
        glpk.glp_delete_prob(problem)


def read(problem, path: Path) -> None:
    if path.suffix == ".lp":
        failed = glpk.glp_read_lp(problem, None, str(path))
    else:
        failed = glpk.glp_read_mps(problem, glpk.GLP_MPS_FILE, None, str(path))
        # GLPK reads the right-hand side of the objective row as the constant, everyone else as minus the constant.
        glpk.glp_set_obj_coef(problem, 0, -glpk.glp_get_obj_coef(problem, 0))
    if failed:
        raise ValueError(f"GLPK cannot read {path}")


def solve_relaxation(problem, seconds: float) -> None:
    options = glpk.glp_smcp()
    glpk.glp_init_smcp(options)
    options.tol_bnd = options.tol_dj = 1e-9
    options.tm_lim = int(seconds * 1000)
    glpk.glp_scale_prob(problem, glpk.GLP_SF_AUTO)
    glpk.glp_adv_basis(problem, 0)
    code = glpk.glp_simplex(problem, options)
    status = glpk.glp_get_status(problem)
    if code or status != glpk.GLP_OPT:
        raise ValueError(f"GLPK found no optimum: return code {code}, status {status}")


def solve_integers(problem, seconds: float) -> float:
    """Branch and bound from the relaxation's optimum; without presolve, which costs digits."""
    options = glpk.glp_iocp()
    glpk.glp_init_iocp(options)
    options.mip_gap = 0.0
    options.gmi_cuts = options.mir_cuts = glpk.GLP_ON
    options.br_tech = glpk.GLP_BR_PCH
    options.tm_lim = int(seconds * 1000)
    code = glpk.glp_intopt(problem, options)
    status = glpk.glp_mip_status(problem)
    if code or status != glpk.GLP_OPT:
        raise ValueError(f"GLPK found no integer optimum: return code {code}, status {status}")
    return glpk.glp_mip_obj_val(problem)
