"""The rules that a plan must keep: one function a rule, all problems collected."""

from __future__ import annotations

from model_data.checks.draft import Check, Draft
from model_data.problems import Collector

STAGES: tuple[tuple[Check, ...], ...] = ()

__all__ = ["Draft", "run_checks"]


def run_checks(draft: Draft, collector: Collector) -> None:
    """Adds what every rule finds; a later stage runs only on what the earlier ones found sound."""
    for stage in STAGES:
        for check in stage:
            collector.add(check(draft))
        if collector.problems:
            return
