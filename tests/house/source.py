"""What the house tests look at: the repository's files and what its modules import and call."""

import ast
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("model_data", "optimizer", "api")
NOT_OURS = {".git", ".venv", "node_modules", "__pycache__", "build", "dist"}
NOT_TEXT = {".xlsx", ".png", ".ico", ".woff2", ".parquet", ".db"}


def parse(source: str) -> ast.Module:
    """The tree of a source. CPython 3.11 counts its depth in one place for all threads and may stumble over another."""
    for _ in range(9):
        with suppress(SystemError):
            return ast.parse(source)
    return ast.parse(source)


def modules(*packages: str) -> list[Path]:
    """Every Python module of the packages, relative to the root."""
    return sorted(path.relative_to(ROOT) for package in packages for path in (ROOT / package).rglob("*.py"))


def text_files() -> list[Path]:
    """Every text file under version control or about to be; outside a git checkout every file."""
    git = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    names = git.stdout.decode().split("\0") if git.returncode == 0 else map(str, ROOT.rglob("*"))
    paths = (ROOT / name for name in names if name)
    return sorted(
        path
        for path in paths
        if path.is_file()
        and not any(part in NOT_OURS or (part.startswith(".") and part.endswith("cache")) for part in path.parts)
        and path.suffix not in NOT_TEXT
    )


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Absolute module names that a module imports anywhere, by statement or by literal name, with the line."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((alias.name, node.lineno) for alias in names)
            case ast.ImportFrom(module=str(module), level=0, names=names):
                yield from ((f"{module}.{alias.name}", node.lineno) for alias in names)
            case ast.Call(args=[ast.Constant(value=str(name)), *_]) if called(node) in ("import_module", "__import__"):
                yield name, node.lineno


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Last part of the name of everything that is called, with the line."""
    return ((called(node), node.lineno) for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""
