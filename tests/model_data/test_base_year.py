"""The base year added up by hand on small plans, and reproduced by the default plan."""

import time

import pytest

from model_data import default_plan_path, load_plan
from tests.model_data.editing import Folder
from tests.model_data.paths import TINY


@pytest.fixture
def folder(tmp_path):
    f = Folder(TINY, tmp_path / "plan")
    f.write("base_totals", [])
    return f


def quantity(f, name, unit, **term):
    f.add("quantities", quantity=name, unit=unit, name_zh=name, name_en=name)
    f.add("quantity_terms", **{"quantity": name, "term": "1", "sign": "plus", "measure": "account", **term})


def values(f, **options):
    return load_plan(f.path).base_values(options)


def test_tiny_plan():
    """Value added 0.5 x 20 + 2 x 20 + 1 x 50; energy 1 x 20 + 1 x 20 + 0.2 x 50 + 10 of households."""
    assert load_plan(TINY).base_values() == {"value_added": 100.0, "energy": 60.0, "investment": 0.0}


def test_filters(folder):
    quantity(folder, "of_industry", "亿元", flow="value_added", industry="services")  # 50
    quantity(folder, "of_sector", "亿元", flow="value_added", sector="secondary")  # 10 + 40
    quantity(folder, "of_tag", "万tce", flow="energy", tag="heavy")  # the mill: 20
    quantity(folder, "of_item", "万tce", flow="energy", item="households")  # 10
    quantity(folder, "of_activity", "万tce", flow="energy", activity="factory")  # 20
    quantity(folder, "made", "万t", measure="output", industry="manufacturing")  # 20 + 20
    quantity(folder, "installed", "亿元", measure="capacity", activity="shop")  # 50
    quantity(folder, "difference", "亿元", flow="value_added", industry="services")
    folder.add("quantity_terms", quantity="difference", term="2", sign="minus", measure="account", flow="value_added",
               industry="manufacturing")  # fmt: skip
    found = values(folder)
    assert {name: found[name] for name in ("of_industry", "of_sector", "of_tag", "of_item", "of_activity", "made",
                                           "installed", "difference")} == pytest.approx(
        {"of_industry": 50, "of_sector": 50, "of_tag": 20, "of_item": 10, "of_activity": 20, "made": 40,
         "installed": 50, "difference": 0})  # fmt: skip


def test_charge_on_net_use_with_loss_and_final_demand(folder):
    """Loss 10 %: the factory's 20 万t of use need 22; 5 of final demand need 5.5; the mill gives 20.

    Water of 2 万t a 万t of material, but 3 for manufacturing and 4 for the factory: the mill 3 x (-20), the factory
    4 x 22, final demand 2 x 5.5; together 39.
    """
    flags = dict.fromkeys(("buy", "sell", "storable", "pooled"), "no")
    folder.add("flows", flow="water", kind="account", unit="万t", name_zh="水", name_en="Water", **flags)
    folder.add_figure("flow_figures", "10", "%", flow="material", parameter="loss")
    folder.add_figure("background", "5", "万t", item="homes", flow="material", parameter="level")
    charge = {"account": "water", "flow": "material"}
    folder.add_figure("charges", "4", "t/t", **charge, activity="factory")
    folder.add_figure("charges", "2", "t/t", **charge)
    folder.add_figure("charges", "3", "t/t", **charge, industry="manufacturing")
    quantity(folder, "water", "万t", flow="water")
    quantity(folder, "water_of_homes", "万t", flow="water", item="homes")
    found = values(folder)
    assert found["water"] == pytest.approx(-60 + 88 + 11)
    assert found["water_of_homes"] == pytest.approx(11)


def test_options_regions_and_years(folder):
    """The base-year level wins over the level without year; an option's row counts under that option only."""
    for option, default in (("net", "yes"), ("gross", "no")):
        folder.add("switches", switch="way", option=option, default=default, name_zh="甲", name_en="A")
    folder.add_figure("background", "7", "万tce", item="boilers", flow="energy", parameter="level", switch="way",
                      option="gross")  # fmt: skip
    folder.add_figure("background", "3", "万tce", item="boilers", flow="energy", parameter="level", switch="way",
                      option="net")  # fmt: skip
    folder.add_figure("background", "12", "万tce", item="households", flow="energy", parameter="level", year="2005")
    folder.add_figure("background", "99", "万tce", item="households", flow="energy", parameter="level", year="2006")
    assert values(folder)["energy"] == 50 + 12 + 3
    assert values(folder, way="gross")["energy"] == 50 + 12 + 7


def test_a_regions_own_row_comes_before_the_general_one(folder):
    """A second region with half the mill's output at twice the energy: 20 + 10 x 2; households in both regions."""
    folder.add("regions", region="hill", name_zh="山", name_en="Hill")
    figures = [{**row, "region": "valley"} for row in folder.rows("activity_figures")]
    folder.write("activity_figures", figures)
    for parameter in ("base_capacity", "base_output"):
        folder.add_figure("activity_figures", "10", "万t", region="hill", activity="mill", parameter=parameter)
    folder.add_figure("activity_figures", "1", "1", region="hill", activity="mill", parameter="utilisation")
    number = folder.find("amounts", activity="mill", flow="energy")
    folder.copy("amounts", number, region="hill", value="2", low="", high="")
    quantity(folder, "energy_of_hill", "万tce", flow="energy", region="hill")
    found = values(folder)
    assert found["energy_of_hill"] == 10 * 2 + 10
    assert found["energy"] == 60 + 30


def test_default_plan_reproduces_its_totals_and_loads_fast():
    path = default_plan_path()
    load_plan(path)
    start = time.perf_counter()
    plan = load_plan(path)
    assert time.perf_counter() - start < 3.0  # 0.2 s on an idle machine
    totals, found = plan.table("base_totals"), plan.base_values()
    assert {"value_added", "energy", "water", "so2"} <= set(totals["quantity"])
    for row in totals.itertuples():
        assert found[row.quantity] == pytest.approx(row.value * row.scale, rel=row.tolerance)
