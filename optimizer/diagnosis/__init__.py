"""Why a plan contradicts itself, what repairs it, and how far each target can go."""

from optimizer.diagnosis.changes import Change
from optimizer.diagnosis.repairs import Repair
from optimizer.diagnosis.verb import Diagnosis, diagnose
from optimizer.diagnosis.wishes import Wishes

__all__ = ["Change", "Diagnosis", "Repair", "Wishes", "diagnose"]
