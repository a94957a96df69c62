"""Runs a notebook's cells one after the other and records what Jupyter would show; nothing of Jupyter is needed.

``python -m tests.docs.notebook docs/examples/what_if.ipynb`` writes the outputs into the notebook; ``PLANOPT_SERVICE``
is the service that it asks.
"""

import ast
import contextlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def executed(notebook):
    """The outputs of each code cell, in the form that notebooks have them. What a cell raises, is raised."""
    names, found = {"__name__": "__main__"}, []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            found.append(_outputs("".join(cell["source"]), names, len(found) + 1))
    return found


def _outputs(source, names, count):
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    printed, value = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(body, []), f"cell {count}", "exec"), names)  # noqa: S102 - our own notebook
        if last is not None:
            value = eval(compile(ast.Expression(last.value), f"cell {count}", "eval"), names)  # noqa: S307 - as above
    outputs = []
    if printed.getvalue():
        lines = printed.getvalue().splitlines(keepends=True)
        outputs.append({"output_type": "stream", "name": "stdout", "text": lines})
    if value is not None:
        shown = {"output_type": "execute_result", "execution_count": count, "metadata": {}, "data": _data(value)}
        outputs.append(shown)
    return outputs


def _data(value):
    """The forms in which the value shows itself; its text only where that is not an address in memory."""
    rich = {"text/html": "_repr_html_", "image/svg+xml": "_repr_svg_"}
    told = {kind: getattr(value, name)() for kind, name in rich.items() if hasattr(value, name)}
    text = repr(value) if " object at 0x" not in repr(value) else f"<{type(value).__name__}>"
    return {kind: content.splitlines(keepends=True) for kind, content in {**told, "text/plain": text}.items()}


def main(path):
    notebook, here = read(path), Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            outputs = executed(notebook)
        finally:
            os.chdir(here)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, (cell, own) in enumerate(zip(cells, outputs, strict=True), 1):
        cell["execution_count"], cell["outputs"] = number, own
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
