"""Dantzig-Wolfe decomposition: a program of many regions as one small master program and one program a region."""
