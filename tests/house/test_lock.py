"""requirements.lock is what pyproject.toml asks for, with hashes and without addresses."""

import re
import tomllib
from dataclasses import dataclass

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import tasks
from tests.house.source import ROOT

PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ]+)(?: ; (?P<marker>.+))?$")
DIRECT = "planopt (pyproject.toml)"


@dataclass(frozen=True)
class Pin:
    """One package of the lock: `via` are those that ask for it."""

    name: str
    version: Version
    marker: Marker | None
    hashes: tuple[str, ...]
    via: tuple[str, ...]


def parse(text: str) -> list[Pin]:
    """The entries of a lock; ValueError where a line is none of: pin, hash, comment."""
    pins = []
    for entry in re.split(r"\n(?=[^ #])", text.strip()):
        head, *rest = (line.strip().rstrip("\\").strip() for line in entry.splitlines())
        match = PIN.match(head)
        stray = [line for line in rest if not re.match(r"(--hash=sha256:[0-9a-f]{64}$|# )", line + " " * (line == "#"))]
        if match is None or stray:
            raise ValueError(f"not a line of a lock: {[head, *stray]}")
        hashes = tuple(line for line in rest if line.startswith("--hash"))
        via = tuple(line.removeprefix("#").strip().removeprefix("via").strip() for line in rest if line.startswith("#"))
        marker = Marker(match["marker"]) if match["marker"] else None
        pins.append(Pin(match["name"], Version(match["version"]), marker, hashes, tuple(filter(None, via))))
    return pins


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ASKED = [Requirement(text) for text in [*PROJECT["project"]["dependencies"],
         *PROJECT["project"]["optional-dependencies"]["dev"]]]  # fmt: skip
TEXT = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = parse(TEXT)
PLATFORMS = ("linux", "darwin", "win32")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def test_every_direct_dependency_is_locked_and_no_other():
    locked = {pin.name for pin in PINS if DIRECT in pin.via}
    assert locked == {canonicalize_name(requirement.name) for requirement in ASKED}


@pytest.mark.parametrize("asked", ASKED, ids=lambda requirement: requirement.name)
def test_locked_versions_are_in_the_asked_range(asked):
    versions = [pin.version for pin in PINS if pin.name == canonicalize_name(asked.name)]
    assert versions
    assert [version for version in versions if version not in asked.specifier] == []


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_system_gets_each_direct_dependency_exactly_once(platform, python):
    here = {"sys_platform": platform, "python_version": python, "python_full_version": f"{python}.0"}
    chosen = [pin.name for pin in PINS if DIRECT in pin.via and (pin.marker is None or pin.marker.evaluate(here))]
    assert sorted(chosen) == sorted(canonicalize_name(requirement.name) for requirement in ASKED)


def test_every_package_has_a_hash_and_no_address_stands_in_the_lock():
    assert [pin.name for pin in PINS if not pin.hashes] == []
    assert re.findall(r"https?:|file:|^-i|--(?:index|extra-index|find-links|trusted)|@ ", TEXT, re.MULTILINE) == []


def test_what_builds_the_project_is_locked():
    names = {pin.name for pin in PINS}
    assert {canonicalize_name(Requirement(text).name) for text in PROJECT["build-system"]["requires"]} <= names


def test_one_oldest_python():
    oldest = ".".join(map(str, tasks.MINIMUM))
    assert PROJECT["project"]["requires-python"] == f">={oldest}"
    assert PROJECT["tool"]["ruff"]["target-version"] == "py" + oldest.replace(".", "")
    assert PYTHONS[0] == oldest


def test_the_benchmarks_measure_the_versions_that_are_shipped():
    """Their own lock: what is asked for, nothing of ours in another version, no address, a hash for everything."""
    text = tasks.BENCH_LOCK.read_text(encoding="utf-8")
    pins = parse(text)
    asked = [Requirement(one) for one in PROJECT["project"]["optional-dependencies"]["bench"]]
    assert {canonicalize_name(one.name) for one in asked} <= {pin.name for pin in pins if DIRECT in pin.via}
    shipped = {pin.name: {other.version for other in PINS if other.name == pin.name} for pin in PINS}
    assert [pin for pin in pins if pin.version not in shipped.get(pin.name, {pin.version})] == []
    assert [pin.name for pin in pins if not pin.hashes] == []
    assert re.findall(r"https?:|file:|^-i|--(?:index|extra-index|find-links|trusted)|@ ", text, re.MULTILINE) == []


@pytest.mark.parametrize(
    "text", ["numpy>=2\n    --hash=sha256:00", "--index-url x\nnumpy==2.0", "numpy==2.0 \\\n    --pre"]
)
def test_what_is_no_lock_is_refused(text):
    with pytest.raises(ValueError, match="not a line of a lock"):
        parse(text)
