"""What-if questions: a scenario of a plan with changes, answered at once."""
