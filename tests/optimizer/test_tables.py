"""Tables of an answer by columns, and the rows of documents, against values by label and cells one by one."""

import json

import numpy as np
import pandas as pd
import pytest

from optimizer import TABLES, load_scenario, resolve, solve
from optimizer.answer import COLUMNS
from optimizer.documents.answer import answer_document, plain_value, table_rows
from optimizer.frames import read
from optimizer.labels import Labels, followed_by, named, second_parts_of
from optimizer.levels import Levels
from optimizer.program import LinearProgram
from optimizer.words.language import Language
from optimizer.words.requirements import Requirements
from tests.plan_builder import Builder
from tests.specimen import specimen

PLAN = specimen().plan()


def dearer(plan):
    """Another income of every ton of metal: other values in the same shape."""
    return plan.with_figures(
        [
            {
                "table": "amounts",
                "activity": "mine",
                "vector": "operate",
                "direction": "adds",
                "flow": "income",
                "value": 9,
            }
        ]
    )


@pytest.fixture(scope="module", params=["as stated", "other values"])
def answer(request):
    solve(PLAN, load_scenario(PLAN)).table("accounts")  # what the shape decides is kept from now on
    plan = PLAN if request.param == "as stated" else dearer(PLAN)
    found = solve(plan, load_scenario(plan))
    assert found.instance.shape is resolve(PLAN, load_scenario(PLAN)).shape
    return found


def rows(answer, table):
    return answer.table(table).to_dict("records")


def test_variables_are_told_by_their_labels(answer):
    values = answer.values
    for row in rows(answer, "activities"):
        place = row["region"], row["activity"], row["year"]
        assert row["output"] == values["output", *place]
        assert row["capacity"] == values["capacity", *place]
        projects = [p for p in answer.instance.projects if (p.region, p.activity) == place[:2]]
        started = sum(p.size * values.get(("start", p.project, row["year"]), 0.0) for p in projects)
        assert row["new_capacity"] == pytest.approx(values.get(("build", *place), 0.0) + started, abs=1e-12)
    for row in rows(answer, "trade"):
        at = row["region"], row["flow"], row["year"]
        traded = [values.get((kind, *at), 0.0) for kind in ("buy", "sell", "stock")]
        assert [row["bought"], row["sold"], row["stock"]] == traded
    for row in rows(answer, "projects"):
        assert row["share"] == values["start", row["project"], row["year"]]
    for row in rows(answer, "funds"):
        assert row["value"] == values["fund", row["fund"], row["industry"], row["year"]]
    assert all(answer.table(name).shape[0] for name in ("activities", "trade", "projects", "funds"))


def test_what_a_program_does_not_have_counts_nothing(answer):
    labels = tuple(label for label in answer.values if label[0] not in ("buy", "output"))
    levels = Levels(answer.instance, labels, np.array([answer.values[label] for label in labels]))
    assert not levels.of["buy"].any()
    assert not levels.of["output"].any()
    assert levels.of["start"].tolist() == answer.levels.of["start"].tolist()
    assert not any(level.any() for level in Levels(answer.instance, labels, None).of.values())


def test_quantities_are_their_forms_at_the_point(answer):
    forms, first = answer.instance.forms, answer.instance.horizon.base_year
    for row in rows(answer, "quantities"):
        if row["year"] > first:
            expected = forms.evaluate(("quantity", "", row["quantity"], row["year"]), answer.values)
            assert row["value"] == pytest.approx(expected, rel=1e-12, abs=1e-12)
        else:
            assert row["value"] == answer.instance.base_values[row["quantity"]]


def test_accounts_add_up_to_the_quantity_of_their_flow(answer):
    parts = answer.table("accounts").groupby(["flow", "year"])["value"].sum()
    reached = answer.table("quantities").set_index(["quantity", "year"])["value"]
    for flow, year in parts.index:
        assert parts[flow, year] == pytest.approx(reached[flow, year], rel=1e-12)


@pytest.mark.parametrize("table", TABLES)
def test_rows_of_a_document_are_the_cells_of_the_table(answer, table):
    told = answer_document(answer, Language.EN, (table,))["tables"][table]
    cells = [{key: plain_value(cell) for key, cell in row.items()} for row in rows(answer, table)]
    assert [{key: row[key] for key in row if key != "text"} for row in told] == cells
    types = [[type(cell) for key, cell in row.items() if key != "text"] for row in told]
    assert types == [[type(cell) for cell in row.values()] for row in cells]
    json.dumps(told, allow_nan=False)


def test_without_a_point_tables_have_their_columns():
    answer = solve(PLAN, load_scenario(PLAN, changes={"indicators": {"growth": {"target": 1e6}}}))
    assert answer.solution.x is None
    for table in TABLES:
        assert list(answer.table(table).columns) == list(COLUMNS[table])
        assert len(answer.table(table)) == len(answer_document(answer, Language.EN, (table,))["tables"][table])
    assert len(answer.table("activities")) == len(answer.table("quantities")) == 0
    assert set(answer.table("indicators")["met"]) <= {""}
    assert answer.table("activities")["output"].dtype.kind == "f"


def test_a_plan_without_indicators_has_an_empty_table_of_them():
    b = Builder().activity("mine", base_capacity=5.0)
    b.quantity("dug", measure="output", activity="mine").scenario("maximise", "dug")
    answer = b.solve()
    assert answer.status == "optimal"
    assert list(answer.table("indicators").columns) == list(COLUMNS["indicators"])
    assert answer.table("indicators").empty


def test_cells_become_plain():
    frame = pd.DataFrame(
        {
            "text": ["a", "b"],
            "missing": pd.array(["a", None], dtype="str"),
            "whole": [1, 2],
            "blank": pd.array([1, None], dtype="Int64"),
            "number": [0.5, np.nan],
            "endless": [np.inf, -1.0],
            "finite": [0.5, -0.0],
            "yes": [True, False],
            "tuple": [("a", 1), ("b", 2.5)],
            "mixed": [np.float64(2.0), None],
            "nested": [{1: (np.int64(3), float("nan"))}, "x"],
        }
    )
    assert table_rows(frame) == [
        {
            "text": "a",
            "missing": "a",
            "whole": 1,
            "blank": 1,
            "number": 0.5,
            "endless": None,
            "finite": 0.5,
            "yes": True,
            "tuple": ["a", 1],
            "mixed": 2.0,
            "nested": {"1": [3, None]},
        },
        {
            "text": "b",
            "missing": None,
            "whole": 2,
            "blank": None,
            "number": None,
            "endless": -1.0,
            "finite": 0.0,
            "yes": False,
            "tuple": ["b", 2.5],
            "mixed": None,
            "nested": "x",
        },
    ]
    assert table_rows(frame.iloc[:0]) == table_rows({}) == []


def test_a_table_is_read_once_for_the_plans_that_hold_it():
    other = dearer(PLAN)
    assert read(other, "activities") is read(PLAN, "activities")
    assert read(PLAN, "activities").column("activity") == PLAN.table("activities")["activity"].tolist()
    assert read(other, "amounts").column("value") != read(PLAN, "amounts").column("value")
    assert read(PLAN, "flows").by("flow", "unit")["ore"] == "t"
    assert "name_zh" in read(PLAN, "flows")
    assert "clause" not in read(PLAN, "flows")


def test_rows_in_words_follow_the_names_of_their_plan():
    def told(name, language):
        b = Builder().activity("shop", base_capacity=10, base_output=10).account("income")
        b.amount("shop", "adds", "income", 2).scenario("maximise", "income")
        b.rows["activities"][0].update(name_zh=f"{name}铺", name_en=name)
        plan = b.plan()
        worded = Requirements(resolve(plan, load_scenario(plan)), language)
        return [worded.of(("output_limit", "here", "shop", year)).sentence for year in (2006, 2006, 2007)]

    assert told("Shop", Language.EN) == [f"Shop: output within capacity ({year})" for year in (2006, 2006, 2007)]
    assert told("Stall", Language.EN)[0] == "Stall: output within capacity (2006)"
    assert told("Stall", Language.ZH)[0] == "Stall铺：产出不超过能力 (2006)"


def test_targets_follow_what_they_are_reckoned_from():
    # A growth of 2 % a year over the two years of the plan from the income of the base year, or from a stated change.
    def asked(plan, changes=None):
        instance = resolve(plan, load_scenario(plan, changes=changes))
        target = next(one for one in instance.targets if one.indicator == "growth")
        return target.asked[2007] / instance.base_values["income"]

    faster = {"indicators": {"growth": {"target": 0.05}}}
    for plan in (PLAN, dearer(PLAN), PLAN):
        assert asked(plan) == pytest.approx(1.02**2)
        assert asked(plan, faster) == pytest.approx(1.05**2)
    assert (
        resolve(dearer(PLAN), load_scenario(PLAN)).base_values["income"]
        != resolve(PLAN, load_scenario(PLAN)).base_values["income"]
    )


def test_labels_and_one_more():
    program = specimen().program()
    last = ("hold", "goals")
    rows = followed_by(program.rows, last)
    assert rows == (*program.rows, last)
    assert repr(rows) == repr((*tuple(program.rows), last))
    assert rows[-1] == last
    assert len(rows) == len(program.rows) + 1
    one = Labels([])
    for names in ((), (last,), (last, ("hold", "stage 1"))):  # how a tuple is written depends on how many it has
        assert repr(one) == repr(names)
        one = followed_by(one, ("hold", "goals" if not names else f"stage {len(names)}"))


def test_columns_of_labels_say_what_the_labels_say():
    program, names = specimen().program(), ("output", "capacity", "buy")
    for labels in (program.columns, tuple(program.columns), followed_by(program.columns, ("output", "nowhere", 2007))):
        asked = [label[0] in names for label in labels]
        assert named(labels, names).tolist() == asked
        numbers = second_parts_of(labels, names)
        assert (numbers >= 0).tolist() == asked
        assert 0 < sum(asked) < len(asked)
        pairs = {(number, label[1]) for number, label, of in zip(numbers.tolist(), labels, asked, strict=True) if of}
        assert len(pairs) == len(dict(pairs)) == len({second for _, second in pairs})


def test_the_fingerprint_does_not_depend_on_how_labels_are_held():
    held: LinearProgram = solve(PLAN, load_scenario(PLAN)).solution.program
    assert any(label[0] == "hold" for label in held.rows)
    plain = LinearProgram(**{**held.__getstate__(), "rows": tuple(held.rows), "columns": tuple(held.columns)})
    assert plain.fingerprint == held.fingerprint
