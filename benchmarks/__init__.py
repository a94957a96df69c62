"""Benchmarks: plans of any size, and what is measured on them."""

import model_data as model_data  # sets what must be set before NumPy is loaded
