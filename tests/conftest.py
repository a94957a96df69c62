"""What all tests share: the choice between the default and the full form of heavy tests."""

import os

import pytest
from hypothesis import settings

pytest_plugins = ["tests.databases"]


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="run heavy tests in their full form")


def pytest_configure(config):
    """Property tests that solve whole plans take ``settings.get_profile("solving")``.

    The default form draws the same examples every time, so that a run is decided by the code alone; --full draws new
    ones.
    """
    os.environ["PLANOPT_CACHE"] = "off"  # a test solves what it asks, and leaves nothing behind
    full = config.getoption("--full")
    settings.register_profile("drawn", derandomize=not full)
    settings.load_profile("drawn")
    settings.register_profile("solving", max_examples=60 if full else 4, deadline=None)


@pytest.fixture(scope="session")
def full(request) -> bool:
    """Whether heavy tests run in their full form; a test chooses its size by it."""
    return request.config.getoption("--full")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--full"):
        skip = pytest.mark.skip(reason="heavy: runs with --full")
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(skip)
