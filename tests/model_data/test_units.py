"""Units parse, convert exactly, and slips are refused with words that help."""

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_data.units import (
    DEFINITIONS,
    UnitError,
    compatible,
    factor,
    is_unit,
    known_units,
    parse,
    quotient,
    similar_units,
)

UNITS = ["万t", "亿元", "kWh/t", "元/(m³/日)", "万千瓦", "吨标煤", "%", "‰", "1", "人/万元", "1/万元", "亩", "年份"]


@pytest.mark.parametrize(
    ("unit", "target", "expected"),
    [
        ("万元", "亿元", 1e-4),
        ("亿元", "元", 1e8),
        ("元/t", "万元/万t", 1.0),
        ("万m³", "m3", 1e4),  # the prefix belongs to the cubic metre, not to the metre
        ("km2", "ha", 100.0),
        ("亩", "m²", 10_000 / 15),  # one mu is a fifteenth of a hectare
        ("万kW", "MW", 10.0),
        ("亿kWh/万kW", "h", 1e4),
        ("MWh", "度", 1000.0),
        ("kgce/kWh", "tce/万kWh", 10.0),
        ("gce/kWh", "tce/MWh", 1e-3),
        ("%", "1", 0.01),
        ("‰", "%", 0.1),
        ("t/t", "1", 1.0),
        ("百万t", "万吨", 100.0),
        ("万亿元", "亿元", 1e4),
        ("项/十万人", "项/万人", 0.1),
        ("公斤/亩", "t/ha", 0.015),
    ],
)
def test_factors_are_those_of_arithmetic(unit, target, expected):
    assert factor(unit, target) == expected


@pytest.mark.parametrize(
    ("unit", "target"),
    [("tce", "t"), ("tce", "kWh"), ("年份", "年"), ("元", "美元"), ("人", "户"), ("%/年", "1"), ("kW", "kWh")],
)
def test_what_measures_something_else_does_not_convert(unit, target):
    assert not compatible(unit, target)
    with pytest.raises(UnitError, match="does not measure the same") as caught:
        factor(unit, target)
    assert unit in str(caught.value)
    assert target in caught.value.zh


@pytest.mark.parametrize(
    "text",
    ["", " ", "t**2", "t^2", "10**9", "1e9", "9" * 50, "t//t", "(t", "t)", "t t", "kWh/", "万", "吨吨", "元元", "m33",
     "t-1", "__import__", "x" * 500, "*", "%%", "t;t", "2*t", ")t(", "()t", "亿万元", "万万t"],
)  # fmt: skip
def test_what_is_no_unit_is_refused(text):
    assert not is_unit(text)
    with pytest.raises(UnitError) as caught:
        parse(text)
    assert caught.value.zh


def test_one_prefix_stands_before_a_unit_whatever_was_read_before():
    parse("万元")
    parse("亿元")
    assert not is_unit("亿万元")
    assert factor("万亿元", "元") == 1e12


def test_a_near_miss_is_named():
    with pytest.raises(UnitError, match="perhaps tce"):
        parse("tcee/t")


@given(st.sampled_from(UNITS), st.sampled_from(UNITS))
def test_there_and_back_is_one(unit, target):
    if compatible(unit, target):
        assert factor(unit, target) * factor(target, unit) == pytest.approx(1.0, rel=1e-15)


@given(st.sampled_from(UNITS), st.sampled_from(UNITS))
def test_a_quotient_times_its_divisor_is_the_unit(unit, divisor):
    if divisor != "1":
        per = quotient(unit, divisor)
        assert (parse(per) * parse(divisor)).dimensionality == parse(unit).dimensionality


@given(st.text(max_size=30))
def test_any_text_parses_or_is_refused_in_words(text):
    if not is_unit(text):
        with pytest.raises(UnitError) as caught:
            parse(text)
        assert caught.value.zh


def test_similar_units_exchange_the_prefix():
    assert {"亿元/t", "元/t", "万元/t"} - {"万元/t"} <= set(similar_units("万元/t"))
    assert "万元" in similar_units("元")


def test_every_defined_name_is_a_unit():
    assert len(known_units()) > len(DEFINITIONS)
    assert [name for name in known_units() if not is_unit(name)] == []


def test_a_thousand_rows_take_well_under_a_second():
    program = (
        "import time; start = time.perf_counter(); from model_data.units import factor\n"
        "pairs = [(f'{p}元/{q}t', f'元/{q}t') for p in ('', '万', '亿', '百') for q in ('', '万', '百')]\n"
        "for _ in range(100):\n    [factor(*pair) for pair in pairs]\n"
        "print(time.perf_counter() - start)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 3.0  # about 0.4 s, most of it the import of pint


def test_known_pairs_cost_nothing():
    factor("万元/万t", "元/t")
    start = time.perf_counter()
    for _ in range(1000):
        factor("万元/万t", "元/t")
    assert time.perf_counter() - start < 0.1
