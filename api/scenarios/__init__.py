"""Scenarios: as the plan has them and complete, user scenarios with versions, differences."""
