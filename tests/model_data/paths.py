"""Where the plans of the tests are."""

from pathlib import Path

TINY = Path(__file__).parents[1] / "plans" / "tiny"
