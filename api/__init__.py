"""The only package that knows HTTP."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("planopt")
except PackageNotFoundError:  # the modules are used without being installed
    VERSION = "0"
