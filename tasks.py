"""Set-up, run and test with nothing but Python: ``python tasks.py run`` and ``python tasks.py test``.

The first call makes ``.venv`` from ``requirements.lock`` (every file checked against its hash); later calls
need no network. People and CI use the same verbs.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

# Before any annotation is evaluated, so that an old Python reads this sentence and not a traceback.
MINIMUM = (3, 11)
if sys.version_info < MINIMUM:
    sys.exit(
        f"planopt needs Python {MINIMUM[0]}.{MINIMUM[1]} or newer;"
        f" this is Python {sys.version.split()[0]} ({sys.executable})."
    )

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
BENCH_LOCK = ROOT / "benchmarks" / "requirements.lock"
VENV = ROOT / ".venv"
STAMP = VENV / "planopt.stamp"
BENCH_STAMP = VENV / "benchmarks.stamp"

Command = Sequence[str | Path]


def python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


PYTHON = python_of(VENV)


class TaskError(Exception):
    """Something that the user can put right; the message says what."""


def main(arguments: Sequence[str]) -> int:
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("help", ())
    if verb not in VERBS:
        print(usage())
        return 0 if verb in ("help", "-h", "--help") else 2
    try:
        return VERBS[verb](rest)
    except TaskError as error:
        print(f"tasks.py {verb}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def usage() -> str:
    lines = (f"  {name:6} {verb.__doc__}" for name, verb in VERBS.items())
    return "usage: python tasks.py VERB [arguments]\n\n" + "\n".join(lines)


# ---------------------------------------------------------------------------------------------------- verbs


def run(arguments: Sequence[str]) -> int:
    """Set up, solve the default plan, print the answer and serve it over HTTP; takes the service's options."""
    set_up()
    # -P: a folder called api where the user stands must not be taken for ours.
    command = [str(PYTHON), "-P", "-m", "api", *arguments]
    if os.name == "posix":  # the service takes this process's place, so that signals reach it
        sys.stdout.flush()
        os.execve(PYTHON, command, environment())  # noqa: S606 - no shell is wanted
    return call(command, cwd=Path.cwd())


def test(arguments: Sequence[str]) -> int:
    """Set up, then everything that CI runs: the checks, then the tests; takes the options of pytest."""
    set_up()
    # One process a core; "-n 0" among the arguments runs them in one.
    return every(CHECKS | {"pytest": ("-m", "pytest", "-n", "auto", "--dist", "worksteal", *arguments)})


def check(arguments: Sequence[str]) -> int:
    """Set up, then only the checks: lint, types, generated documentation."""
    refuse(arguments)
    set_up()
    return every(CHECKS)


def docs(arguments: Sequence[str]) -> int:
    """Set up, then write the generated pages of the documentation anew."""
    refuse(arguments)
    set_up()
    return call([PYTHON, "docs/generate.py"])


def bench(arguments: Sequence[str]) -> int:
    """Set up, the libraries that ours is compared with included, then measure; takes options, see --help."""
    set_up()
    add_contestants()
    return call([PYTHON, "-m", "benchmarks", *arguments])


def lock(arguments: Sequence[str]) -> int:
    """Write both locks anew from pyproject.toml; --upgrade takes the newest versions."""
    with tempfile.TemporaryDirectory(prefix="planopt-lock-") as folder:
        python = create_venv(Path(folder) / "venv")
        install(python, "uv")
        # Universal: one file for every system and every Python from the oldest on; and no address in it.
        form = ("--universal", "--python-version", f"{MINIMUM[0]}.{MINIMUM[1]}", "--generate-hashes", "--no-header")
        compiled = ("-m", "uv", "pip", "compile", "--quiet", *form, *arguments, "pyproject.toml")
        own = call([python, *compiled, "--extra", "dev", "--output-file", LOCK.name])
        # The benchmarks measure the versions that are shipped.
        theirs = ("--extra", "bench", "--constraint", LOCK.name, "--output-file", BENCH_LOCK.relative_to(ROOT))
        return own or call([python, *compiled, *theirs])


VERBS = {verb.__name__: verb for verb in (run, test, check, docs, bench, lock)}

CHECKS: dict[str, Command] = {
    "ruff": ("-m", "ruff", "check", "."),
    "mypy": ("-m", "mypy"),
    "docs": ("docs/generate.py", "--check"),
}


def refuse(arguments: Sequence[str]) -> None:
    if arguments:
        raise TaskError(f"takes no arguments, got: {' '.join(arguments)}")


def every(steps: dict[str, Command]) -> int:
    """Run all steps even where one fails; 1 if any failed."""
    failed = []
    for name, arguments in steps.items():
        print(f"== {name}", flush=True)
        start = time.perf_counter()
        code = call([PYTHON, *arguments])
        print(f"== {name}: {'ok' if code == 0 else 'FAILED'} in {time.perf_counter() - start:.1f} s", flush=True)
        failed += [name] if code else []
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


# --------------------------------------------------------------------------------------------------- set-up


def set_up() -> None:
    """Make .venv what requirements.lock says; nothing to do, and no network needed, where it is already."""
    wanted = fingerprint()
    if is_ready(wanted):
        return
    print("Setting up .venv (once; about half a minute) ...", flush=True)
    # The stamp goes first and is written last: whatever breaks in between is repeated.
    with suppress(OSError):
        STAMP.unlink()
    remove(VENV)
    python = create_venv(VENV)
    install(python, "--require-hashes", "--only-binary", ":all:", "--requirement", LOCK)
    install(python, "--no-deps", "--no-build-isolation", "--editable", ROOT)
    STAMP.write_text(wanted, encoding="ascii")


def add_contestants() -> None:
    """Install what benchmarks/requirements.lock says; what cannot be had is left out of the comparison."""
    wanted = hashlib.sha256(read(BENCH_LOCK)).hexdigest()
    with suppress(OSError):
        if BENCH_STAMP.read_text(encoding="ascii") == wanted:
            return
    try:
        install(PYTHON, "--require-hashes", "--only-binary", ":all:", "--requirement", BENCH_LOCK)
    except TaskError as error:
        print(f"tasks.py bench: goes on with what is installed: {error}", file=sys.stderr)
        return
    BENCH_STAMP.write_text(wanted, encoding="ascii")


def fingerprint() -> str:
    """What the set-up depends on: both declarations, the Python, and the folder (a .venv cannot be moved)."""
    digest = hashlib.sha256()
    for part in (read(LOCK), read(ROOT / "pyproject.toml"), sys.version.encode(), str(ROOT).encode()):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TaskError(f"cannot read {path}: {error.strerror}") from error


def is_ready(wanted: str) -> bool:
    """Whether .venv is complete, is for this lock, and its Python still starts."""
    try:
        return STAMP.read_text(encoding="ascii") == wanted and call([PYTHON, "-c", ""]) == 0
    except (OSError, UnicodeDecodeError, TaskError):
        return False


def create_venv(folder: Path) -> Path:
    """A fresh virtual environment; returns its Python."""
    base = getattr(sys, "_base_executable", "") or sys.executable  # not the one inside a .venv that was just removed
    if call([base, "-m", "venv", folder]):
        remove(folder)
        raise TaskError(
            f"{base} cannot make a virtual environment. On Debian or Ubuntu install the package python3-venv;"
            " elsewhere use Python from its official installer."
        )
    return python_of(folder)


def remove(folder: Path) -> None:
    try:
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise TaskError(f"cannot remove {folder}: {error}. Close the programs that use it and try again.") from error


def install(python: Path, *arguments: str | Path) -> None:
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", *arguments]
    if call(pip):
        raise TaskError(
            "the installation failed, see above; the same command starts it afresh."
            " It needs the package registry, or a mirror named in the configuration of pip."
        )


# ------------------------------------------------------------------------------------------------ processes


def call(command: Command, *, cwd: Path = ROOT) -> int:
    """Run a program to its end, also where the user interrupts, and return its exit code."""
    try:
        process = subprocess.Popen([str(part) for part in command], cwd=cwd, env=environment())
    except OSError as error:
        raise TaskError(f"cannot start {command[0]}: {error.strerror}") from error
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the program got the signal too: let it end in its own way
            continue


def environment() -> dict[str, str]:
    """The user's environment without what would lead another installation's modules into .venv."""
    python = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__")
    dropped = (*python, "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {"PYTHONUTF8": "1"}  # Chinese output, whatever the console's code page


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
