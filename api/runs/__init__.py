"""Runs: questions whose answers take long, accepted into a ledger and carried out by engines."""
