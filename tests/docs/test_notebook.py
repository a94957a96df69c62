"""The notebook runs against a really started service, and shows what that answers."""

import pytest

from model_data import default_plan_path
from tests.docs.notebook import executed, read
from tests.docs.pages import DOCS
from tests.drills.service import Service

NOTEBOOK = DOCS / "examples" / "what_if.ipynb"


@pytest.fixture
def service(tmp_path):
    started = Service(tmp_path, f"sqlite:///{tmp_path}/planopt.sqlite3", default_plan_path()).start()
    yield f"http://127.0.0.1:{started.port}"
    started.stop()


def test_the_notebook_shows_what_the_service_answers(service, tmp_path, monkeypatch):
    monkeypatch.setenv("PLANOPT_SERVICE", service)
    monkeypatch.chdir(tmp_path)
    notebook = read(NOTEBOOK)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert sum(bool(cell["outputs"]) for cell in cells) > 6
    for number, (cell, found) in enumerate(zip(cells, executed(notebook), strict=True), 1):
        told, kept = texts(found), texts(cell["outputs"])
        if "tags" in cell["metadata"]:  # what the objective leaves open differs with the way to the optimum
            told, kept = (["".join(text.splitlines()[0].split()) for text in one] for one in (told, kept))
        assert told == kept, f"code cell {number}"


def texts(outputs):
    return ["".join(output.get("text") or output["data"]["text/plain"]) for output in outputs]
