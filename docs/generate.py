"""Generated pages: ``python tasks.py docs`` writes them, ``python tasks.py check`` compares them with the code."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

DOCS = Path(__file__).resolve().parent

# page -> the module that writes it. A module here has a function `page(name: str) -> str`.
PAGES: Mapping[str, str] = {}


def main(check: bool) -> int:
    stale = [name for name, module in PAGES.items() if is_stale(DOCS / name, writer(module)(name), write=not check)]
    for name in stale:
        print(f"docs/{name} " + ("differs from the code: run `python tasks.py docs`" if check else "written"))
    return 1 if check and stale else 0


def writer(module: str) -> Callable[[str], str]:
    page: Callable[[str], str] = import_module(module).page
    return page


def is_stale(path: Path, text: str, *, write: bool) -> bool:
    """Whether the page differs from what the code says; writes it where asked."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    if write:
        path.write_text(text, encoding="utf-8", newline="\n")
    return True


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
