"""Plans and what is in them: tables, indicators, projects, sources, scenarios."""
