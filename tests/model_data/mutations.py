"""Ways to break a plan: each breaks one thing and says where that must be reported and what the remedy must name.

They look for their victims by structure, never by name, so they run on any plan.
"""

from collections.abc import Callable

from tests.model_data.editing import Folder, Place

Mutation = Callable[[Folder], Place]
MUTATIONS: dict[str, Mutation] = {}


def mutation(function: Mutation) -> Mutation:
    MUTATIONS[function.__name__] = function
    return function


def cell(table: str, column: str, text: str, right: str = "", **wanted: str) -> Mutation:
    """Writes `text` into a column of the first row that fits."""

    def change(f: Folder) -> Place:
        line = f.set(table, f.find(table, **wanted), **{column: text})
        return Place(table, line, column, right)

    return change


# -------------------------------------------------------------------------- single cells
MUTATIONS |= {
    "nan": cell("amounts", "value", "NaN", "blank", value="*"),
    "infinity": cell("amounts", "value", "inf", "blank", value="*"),
    "overflow": cell("amounts", "value", "1e999", "1e15", value="*"),
    "huge_number": cell("amounts", "high", "1e200", "1e15", value="*"),
    "thousands_separator": cell("amounts", "value", "1,250", "Write 1250", value="*"),
    "full_width_digits": cell("amounts", "value", "１２.５", "Write 12.5", value="*"),
    "percent_in_cell": cell("amounts", "low", "12%", "put % into the column unit", value="*"),
    "word_for_number": cell("activity_figures", "value", "ca. 5", "decimal number", value="*"),
    "unit_blank": cell("amounts", "unit", "", "unit", value="*"),
    "unit_unknown": cell("amounts", "unit", "kwhh/t", "Write", value="*"),
    "unit_power": cell("amounts", "unit", "t**9999999", "Write", value="*"),
    "grade_blank": cell("amounts", "grade", "", "grade", value="*"),
    "grade_unknown": cell("amounts", "grade", "E", "A / B / C / D", value="*"),
    "evidence_typo": cell("amounts", "evidence", "asumption", "assumption", value="*"),
    "source_blank": cell("amounts", "source", "", "source", value="*"),
    "choice_typo": cell("amounts", "vector", "opeate", "operate", vector="operate"),
    "flag_typo": cell("flows", "buy", "y", "yes or no"),
    "fraction_for_year": cell("budget_figures", "year", "2006.5", "whole number"),
    "year_long_ago": cell("indicator_figures", "year", "1987", "Write a year from"),
    "years_unknown": cell("indicators", "years", "1987;1988", "each, last"),
    "years_word": cell("indicators", "years", "always", "each, last"),
    "invisible_character": cell("regions", "name_zh", "阳\u200b谷", "type the text again"),
    "text_too_long": cell("sources", "note", "x" * 20_000, "at most 10000"),
    "chinese_in_name": cell("sectors", "sector", "第一 产业", "lower-case"),
    "name_blank": cell("regions", "name_en", "", "name_en"),
    "negative_capacity": cell("activity_figures", "value", "-5", ">= 0", parameter="base_capacity"),
    "zero_utilisation": cell("activity_figures", "value", "0", "> 0", parameter="utilisation"),
    "negative_size": cell("project_figures", "value", "-1", "> 0", parameter="size"),
    "distant_year": cell("activity_figures", "value", "2099", "whole year from", parameter="earliest_build"),
    "half_a_year": cell("project_figures", "value", "2007.5", "whole year from", parameter="earliest_year"),
    "tolerance_negative": cell("base_totals", "tolerance", "-1", "0 … 1"),
    "sense_unknown": cell("indicators", "sense", "=>", ">="),
    "tag_list_broken": cell("activities", "tags", "good;Not Good", "first_name;second_name"),
}


@mutation
def unknown_activity(f: Folder) -> Place:
    name = f.rows("amounts")[0]["activity"]
    return Place("amounts", f.set("amounts", 0, activity=name + "x"), "activity", f"Write {name}")


@mutation
def word_of_nothing(f: Folder) -> Place:
    f.write("glossary", [{"name": "nothing_called_so", "name_zh": "无", "name_en": "Nothing"}])
    return Place("glossary", f.line("glossary", 0), "name", "Write")


@mutation
def unknown_flow(f: Folder) -> Place:
    name = f.rows("amounts")[0]["flow"]
    return Place("amounts", f.set("amounts", 0, flow=name + "x"), "flow", name)


@mutation
def source_removed(f: Folder) -> Place:
    name = f.rows("amounts")[0]["source"].split(";")[0]
    f.write("sources", [row for row in f.rows("sources") if row["source"] != name] or [{"source": "Z", "title": "Z"}])
    return Place("amounts", f.line("amounts", 0), "source", f"add {name} to sources")


@mutation
def one_of_two_sources_unknown(f: Folder) -> Place:
    name = f.rows("amounts")[0]["source"].split(";")[0]
    return Place("amounts", f.set("amounts", 0, source=f"{name};S9999"), "source", "add S9999 to sources")


@mutation
def unit_of_other_dimension(f: Folder) -> Place:
    number = f.find("activity_figures", parameter="base_capacity")
    unit = f.unit_of("activities", f.rows("activity_figures")[number]["activity"], "capacity_unit")
    return Place("activity_figures", f.set("activity_figures", number, unit="岁"), "unit", unit)


@mutation
def rate_with_per_year(f: Folder) -> Place:
    number = f.find("indicators", kind="growth")
    name = f.rows("indicators")[number]["indicator"]
    line = f.set("indicator_figures", f.find("indicator_figures", indicator=name, parameter="target"), unit="%/年")
    return Place("indicator_figures", line, "unit", "% or 1")


@mutation
def low_above_high(f: Folder) -> Place:
    number = f.find("amounts", value="*")
    return Place("amounts", f.set("amounts", number, low="9", high="8"), "value", "low <= value <= high")


@mutation
def value_outside_its_range(f: Folder) -> Place:
    number = f.find("amounts", value="*")
    value = float(f.rows("amounts")[number]["value"])
    line = f.set("amounts", number, low=str(value + 1), high=str(value + 2))
    return Place("amounts", line, "value", "low <= value <= high")


@mutation
def blank_without_note(f: Folder) -> Place:
    line = f.set("amounts", f.find("amounts", value="*"), value="", low="", high="", note="")
    return Place("amounts", line, "value", "Say in the note")


@mutation
def same_figure_twice(f: Folder) -> Place:
    return Place("amounts", f.copy("amounts", 0), "region", f"rows {f.line('amounts', 0)} and")


@mutation
def blank_offset_and_zero_twice(f: Folder) -> Place:
    number = f.find("amounts", offset="", profile="")
    return Place("amounts", f.copy("amounts", number, offset="0"), "region", f"rows {f.line('amounts', number)} and")


@mutation
def same_name_twice(f: Folder) -> Place:
    return Place("regions", f.copy("regions", 0), "region", "Keep one of the rows 2 and")


# -------------------------------------------------------------------------- headings and files
def heading(old: str, new: str) -> Callable[[Folder], None]:
    def change(f: Folder) -> None:
        first, rest = f.text("amounts.csv").removeprefix("\ufeff").split("\n", 1)
        f.put("amounts.csv", first.rstrip("\r").replace(old, new) + "\n" + rest)

    return change


@mutation
def column_typo(f: Folder) -> Place:
    heading(",value,", ",vlaue,")(f)
    return Place("amounts", 1, "vlaue", "Rename it to value")


@mutation
def column_missing(f: Folder) -> Place:
    heading(",grade,", ",Grade,")(f)
    return Place("amounts", 1, "grade", "Add the column grade")


@mutation
def column_twice(f: Folder) -> Place:
    heading(",low,high,", ",low,low,")(f)
    return Place("amounts", 1, "low", "one column low")


@mutation
def cell_too_many(f: Folder) -> Place:
    f.put("regions.csv", f.text("regions.csv").rstrip("\r\n") + ",one,more\n")
    return Place("regions", f.line("regions", len(f.rows("regions")) - 1), "", "Give 4 cells")


@mutation
def quote_not_closed(f: Folder) -> Place:
    lines = len(f.text("regions.csv").rstrip().splitlines())
    f.put("regions.csv", f.text("regions.csv").rstrip() + '\nelsewhere,"别处,Elsewhere,\n')
    return Place("regions", lines + 1, "", "Close every double quote")


@mutation
def file_empty(f: Folder) -> Place:
    f.put("amounts.csv", "")
    return Place("amounts", 1, "", "region,activity,vector")


@mutation
def file_missing(f: Folder) -> Place:
    (f.path / "quantities.csv").unlink()
    return Place("quantities", None, "", "Add quantities.csv: quantity,unit")


@mutation
def file_misnamed(f: Folder) -> Place:
    (f.path / "background.csv").rename(f.path / "backgruond.csv")
    return Place("backgruond.csv", None, "", "background.csv")


@mutation
def file_of_unknown_kind(f: Folder) -> Place:
    f.put("scenarios/notes.txt", "x")
    return Place("scenarios/notes.txt", None, "", "notes.toml")


@mutation
def wrong_encoding(f: Folder) -> Place:
    (f.path / "regions.csv").write_bytes(f.text("regions.csv").encode("gbk"))
    return Place("regions", None, "", "UTF-8")


@mutation
def no_rows(f: Folder) -> Place:
    f.write("regions", [])
    return Place("regions", None, "region", "at least one row")


# -------------------------------------------------------------------------- settings
def setting(key: str, value: str, right: str, column: str = "") -> Mutation:
    def change(f: Folder) -> Place:
        f.setting(key, value)
        return Place("plan.toml", None, column or key, right)

    return change


MUTATIONS |= {
    "unknown_setting": setting("bas_year", "2005", "delete it"),
    "setting_of_wrong_type": setting("base_year", '"2005"', "2005"),
    "setting_true": setting("closing_years", "true", "2005"),
    "first_year_leaves_gap": setting("first_year", "2008", "the year after the base year"),
    "last_year_before_first": setting("last_year", "2001", "a year from"),
    "closing_years_absurd": setting("closing_years", "4000", "0 to 30"),
    "closing_years_too_few": setting("closing_years", "0", "closing_years ="),
    "default_scenario_unknown": setting("default_scenario", '"nowhere"', "nowhere.toml"),
    "plan_name_illegal": setting("plan", '"My Plan"', "a_name"),
    "account_unknown": setting("investment_account", '"invesment"', "Write the account"),
}


@mutation
def setting_missing(f: Folder) -> Place:
    f.put("plan.toml", f.text("plan.toml").replace("base_year", "bsae_year"))
    return Place("plan.toml", None, "bsae_year", "base_year")


@mutation
def settings_broken(f: Folder) -> Place:
    f.put("plan.toml", 'plan = "x\n')
    return Place("plan.toml", 1, "", "double quotes")


@mutation
def account_is_commodity(f: Folder) -> Place:
    f.setting("investment_account", f'"{f.flow("commodity")}"')
    return Place("plan.toml", None, "investment_account", f.account())


# -------------------------------------------------------------------------- vectors
@mutation
def commodity_added(f: Folder) -> Place:
    line = f.set("amounts", f.find("amounts", flow=f.flow("commodity")), direction="adds")
    return Place("amounts", line, "direction", "uses / gives")


@mutation
def account_used(f: Folder) -> Place:
    line = f.set("amounts", f.find("amounts", direction="adds"), direction="uses")
    return Place("amounts", line, "direction", "Write adds")


@mutation
def negative_use(f: Folder) -> Place:
    number = f.find("amounts", flow=f.flow("commodity"))
    return Place("amounts", f.set("amounts", number, value="-0.5", low="", high=""), "value", ">= 0")


@mutation
def offset_and_profile(f: Folder) -> Place:
    line = f.set("amounts", f.find("amounts", vector="build"), offset="-1", profile=f.first("spending_profiles"))
    return Place("amounts", line, "offset", "Leave offset blank")


@mutation
def profile_unknown(f: Folder) -> Place:
    name = f.first("spending_profiles")
    line = f.set("amounts", f.find("amounts", vector="build"), profile=name + "z", offset="")
    return Place("amounts", line, "profile", name)


@mutation
def profile_of_operation(f: Folder) -> Place:
    line = f.set("amounts", f.find("amounts", vector="operate"), profile=f.first("spending_profiles"), offset="")
    return Place("amounts", line, "profile", "Leave profile blank")


@mutation
def profile_sum(f: Folder) -> Place:
    f.set("spending_profiles", 0, value="0.1", unit="1", low="", high="")
    return Place("spending_profiles", 2, "value", "sum to 1")


@mutation
def profile_too_late(f: Folder) -> Place:
    return Place("spending_profiles", f.set("spending_profiles", 0, offset="3"), "offset", "0 or less")


@mutation
def offset_far_away(f: Folder) -> Place:
    line = f.set("amounts", f.find("amounts", vector="build"), offset="-99", profile="")
    return Place("amounts", line, "offset", "from -20 to 20")


@mutation
def option_without_switch(f: Folder) -> Place:
    return Place("amounts", f.set("amounts", 0, switch="", option="gross"), "switch", "Write")


def _switch(f: Folder, *defaults: str) -> int:
    lines = [f.add("switches", switch="a_switch", option=f"option_{n}", default=default, name_zh="甲", name_en="A")
             for n, default in enumerate(defaults)]  # fmt: skip
    return lines[0]


@mutation
def switch_without_default(f: Folder) -> Place:
    return Place("switches", _switch(f, "no", "no"), "default", "exactly one option of a_switch")


@mutation
def switch_with_two_defaults(f: Folder) -> Place:
    return Place("switches", _switch(f, "yes", "yes") + 1, "default", "exactly one option of a_switch")


@mutation
def option_unknown(f: Folder) -> Place:
    _switch(f, "yes", "no")
    return Place("amounts", f.set("amounts", 0, switch="a_switch", option="option_2"), "option", "option_1")


def _new_account(f: Folder, name: str) -> None:
    flags = dict.fromkeys(("buy", "sell", "storable", "pooled"), "no")
    f.add("flows", flow=name, kind="account", unit="t", name_zh=name, name_en=name, **flags)


@mutation
def charge_on_charged(f: Folder) -> Place:
    _new_account(f, "new_account")
    _new_account(f, "newer_account")
    base = f.flow("commodity")
    f.add_figure("charges", "1", f"t/({f.unit_of('flows', base)})", account="new_account", flow=base)
    line = f.add_figure("charges", "1", "t/t", account="newer_account", flow="new_account")
    return Place("charges", line, "flow", "instead")


@mutation
def charge_to_commodity(f: Folder) -> Place:
    to, on = f.flow("commodity"), f.flow("account")
    unit = f"{f.unit_of('flows', to)}/({f.unit_of('flows', on)})"
    return Place("charges", f.add_figure("charges", "1", unit, account=to, flow=on), "account", f.account())


@mutation
def charge_in_wrong_industry(f: Folder) -> Place:
    activity = f.rows("activities")[0]
    other = next(row["industry"] for row in f.rows("industries") if row["industry"] != activity["industry"])
    _new_account(f, "new_account")
    flow = f.flow("account")
    cells = {"account": "new_account", "flow": flow, "industry": other, "activity": activity["activity"]}
    line = f.add_figure("charges", "1", f"t/({f.unit_of('flows', flow)})", **cells)
    return Place("charges", line, "industry", f"Write {activity['industry']}")


@mutation
def own_host(f: Folder) -> Place:
    name = f.first("activities")
    return Place("hosts", f.add_figure("hosts", "1", "1", activity=name, host=name, basis="output"), "host", "added to")


@mutation
def account_bought(f: Folder) -> Place:
    return Place("flows", f.set("flows", f.find("flows", kind="account"), buy="yes"), "buy", "Write no")


@mutation
def growth_without_level(f: Folder) -> Place:
    cells = {"item": "nothing_yet", "flow": f.flow("account"), "parameter": "growth"}
    return Place("background", f.add_figure("background", "2", "%", **cells), "parameter", "parameter level")


@mutation
def growth_of_500_percent(f: Folder) -> Place:
    activity = f.operated()
    line = f.add_figure("activity_figures", "500", "%", activity=activity, parameter="output_growth", year="2006")
    return Place("activity_figures", line, "value", "-100 % … 100 %")


@mutation
def loss_above_one(f: Folder) -> Place:
    flow = f.flow("commodity", -1)
    f.write("flow_figures", [row for row in f.rows("flow_figures") if row["flow"] != flow])
    line = f.add_figure("flow_figures", "1.5", "1", flow=flow, parameter="loss")
    return Place("flow_figures", line, "value", "0 … 1")


@mutation
def loss_with_a_year(f: Folder) -> Place:
    flow = f.flow("commodity", -1)
    line = f.add_figure("flow_figures", "5", "%", flow=flow, parameter="loss", year="2006")
    return Place("flow_figures", line, "year", "Leave year blank")


@mutation
def retirement_without_year(f: Folder) -> Place:
    activity = f.operated()
    unit = f.unit_of("activities", activity, "capacity_unit")
    line = f.add_figure("activity_figures", "1", unit, activity=activity, parameter="retirement")
    return Place("activity_figures", line, "year", "Write the year, from")


# -------------------------------------------------------------------------- capacities and projects
@mutation
def base_output_over_capacity(f: Folder) -> Place:
    number = f.find("activity_figures", parameter="base_output", value="*")
    value = float(f.rows("activity_figures")[number]["value"])
    line = f.set("activity_figures", number, value=str(value * 50), low="", high="")
    return Place("activity_figures", line, "value", "base_output (at most")


@mutation
def capacity_without_utilisation(f: Folder) -> Place:
    number = f.find("activity_figures", parameter="base_capacity")
    name = f.rows("activity_figures")[number]["activity"]
    f.drop("activity_figures", activity=name, parameter="utilisation")
    number = f.find("activity_figures", parameter="base_capacity", activity=name)
    return Place("activity_figures", f.line("activity_figures", number), "activity", "utilisation")


@mutation
def floor_above_utilisation(f: Folder) -> Place:
    number = f.find("activity_figures", parameter="utilisation")
    row = f.rows("activity_figures")[number]
    row |= {"parameter": "utilisation_floor", "value": str(float(row["value"]) * 2), "low": "", "high": ""}
    return Place("activity_figures", f.add("activity_figures", **row), "value", "a floor of at most")


def _project(f: Folder) -> int:
    return f.find("projects", standing="modelled")


@mutation
def project_without_region(f: Folder) -> Place:
    return Place("projects", f.set("projects", _project(f), region=""), "region", f.first("regions"))


@mutation
def project_without_activity(f: Folder) -> Place:
    line = f.set("projects", _project(f), activity="")
    return Place("projects", line, "activity", "or make the project outside")


@mutation
def project_without_size(f: Folder) -> Place:
    name = f.rows("projects")[_project(f)]["project"]
    f.drop("project_figures", project=name, parameter="size")
    return Place("projects", f.line("projects", _project(f)), "project", "parameter size")


@mutation
def project_outside_without_reason(f: Folder) -> Place:
    line = f.set("projects", _project(f), standing="outside", reason="")
    return Place("projects", line, "reason", "Say in the column reason")


@mutation
def project_committed_too_early(f: Folder) -> Place:
    number = f.find("project_figures", parameter="earliest_year")
    name, year = (f.rows("project_figures")[number][column] for column in ("project", "value"))
    f.write("project_figures", [row for row in f.rows("project_figures")
                                if (row["project"], row["parameter"]) != (name, "committed_year")])  # fmt: skip
    early = str(int(year) - 1)
    line = f.add_figure("project_figures", early, "年份", project=name, parameter="committed_year")
    return Place("project_figures", line, "value", f"committed year of {year}")


@mutation
def project_requires_itself_through_another(f: Folder) -> Place:
    number = _project(f)
    name = f.rows("projects")[number]["project"]
    f.copy("projects", number, project="second_project", requires=name)
    for row in [row for row in f.rows("project_figures") if row["project"] == name]:
        f.add("project_figures", **{**row, "project": "second_project"})
    line = f.set("projects", number, requires="second_project")
    return Place("projects", line, "requires", "second_project")


@mutation
def project_requires_unknown(f: Folder) -> Place:
    line = f.set("projects", _project(f), requires="no_such_project")
    return Place("projects", line, "requires", "add no_such_project to projects")


@mutation
def project_requires_outside(f: Folder) -> Place:
    f.copy("projects", _project(f), project="elsewhere", standing="outside", reason="Not here.")
    line = f.set("projects", _project(f), requires="elsewhere")
    return Place("projects", line, "requires", "Make elsewhere modelled")


# -------------------------------------------------------------------------- quantities and indicators
def _quantity(f: Folder, unit: str) -> None:
    f.add("quantities", quantity="a_quantity", unit=unit, name_zh="量", name_en="Quantity")


def _term(f: Folder, **cells: str) -> int:
    return f.add("quantity_terms", **{"quantity": "a_quantity", "term": "1", "sign": "plus", **cells})


@mutation
def quantity_without_terms(f: Folder) -> Place:
    _quantity(f, "t")
    line = f.line("quantities", len(f.rows("quantities")) - 1)
    return Place("quantities", line, "quantity", "quantity_terms")


@mutation
def term_without_flow(f: Folder) -> Place:
    _quantity(f, "t")
    return Place("quantity_terms", _term(f, measure="account"), "flow", f.account())


@mutation
def term_of_wrong_flow(f: Folder) -> Place:
    flow = f.flow("commodity")
    _quantity(f, f.unit_of("flows", flow))
    return Place("quantity_terms", _term(f, measure="account", flow=flow), "flow", f.account())


@mutation
def term_in_other_unit(f: Folder) -> Place:
    flow = f.flow("account")
    _quantity(f, "岁")
    line = _term(f, measure="account", flow=flow)
    return Place("quantity_terms", line, "quantity", f.unit_of("flows", flow))


@mutation
def term_in_multiple_of_unit(f: Folder) -> Place:
    flow = next(row for row in f.rows("flows") if row["kind"] == "account" and row["unit"].startswith(("万", "亿")))
    _quantity(f, flow["unit"][1:])
    line = _term(f, measure="account", flow=flow["flow"])
    return Place("quantity_terms", line, "quantity", flow["unit"])


@mutation
def term_with_useless_filter(f: Folder) -> Place:
    activity = f.rows("activities")[0]
    _quantity(f, activity["output_unit"])
    line = _term(f, measure="output", activity=activity["activity"], item="anything")
    return Place("quantity_terms", line, "item", "Leave item blank")


@mutation
def tag_unknown(f: Folder) -> Place:
    tag = next(row["tags"] for row in f.rows("activities") if row["tags"]).split(";")[0]
    _quantity(f, "t")
    return Place("quantity_terms", _term(f, measure="output", tag=tag + "q"), "tag", tag)


@mutation
def item_unknown(f: Folder) -> Place:
    item = f.rows("background")[0]
    _quantity(f, f.unit_of("flows", item["flow"]))
    line = _term(f, measure="account", flow=f.flow("account"), item=item["item"] + "q")
    return Place("quantity_terms", line, "item", item["item"])


@mutation
def term_selects_nothing(f: Folder) -> Place:
    activity = f.rows("activities")[0]
    other = next(row["industry"] for row in f.rows("industries") if row["industry"] != activity["industry"])
    _quantity(f, activity["output_unit"])
    line = _term(f, measure="output", activity=activity["activity"], industry=other)
    return Place("quantity_terms", line, "measure", "Relax one of the filters")


@mutation
def indicator_without_quantity(f: Folder) -> Place:
    line = f.set("indicators", f.find("indicators", standing="required"), quantity="", denominator="")
    return Place("indicators", line, "quantity", "or make it outside")


@mutation
def ratio_without_denominator(f: Folder) -> Place:
    line = f.set("indicators", f.find("indicators", denominator="*", quantity="*"), denominator="")
    return Place("indicators", line, "denominator", "Fill in denominator")


@mutation
def denominator_of_no_ratio(f: Folder) -> Place:
    line = f.set("indicators", f.find("indicators", kind="growth"), denominator=f.first("quantities"))
    return Place("indicators", line, "denominator", "Leave denominator blank")


@mutation
def outside_without_reason(f: Folder) -> Place:
    line = f.set("indicators", f.find("indicators", standing="required"), standing="outside", reason="")
    return Place("indicators", line, "reason", "why the model has no quantity for it")


@mutation
def required_without_target(f: Folder) -> Place:
    number = f.find("indicators", standing="required")
    f.drop("indicator_figures", indicator=f.rows("indicators")[number]["indicator"], parameter="target")
    return Place("indicators", f.line("indicators", number), "indicator", "parameter target")


@mutation
def indicator_kind_typo(f: Folder) -> Place:
    return Place("indicators", f.set("indicators", f.find("indicators", kind="growth"), kind="grwth"), "kind", "growth")


# -------------------------------------------------------------------------- money
def _budget(f: Folder, name: str = "a_budget", of: str = "") -> int:
    return f.add("budgets", budget=name, of=of, carry_over="no", name_zh="预算", name_en="Budget")


@mutation
def budget_without_figures(f: Folder) -> Place:
    return Place("budgets", _budget(f), "budget", "exactly one way")


@mutation
def budget_stated_twice(f: Folder) -> Place:
    line = _budget(f)
    for parameter in ("limit", "base"):
        f.add_figure("budget_figures", "9", "亿元", budget="a_budget", parameter=parameter)
    return Place("budgets", line, "budget", "exactly one way")


@mutation
def budget_grows_from_nothing(f: Folder) -> Place:
    line = _budget(f)
    f.add_figure("budget_figures", "9", "%", budget="a_budget", parameter="growth")
    return Place("budgets", line, "budget", "exactly one way")


@mutation
def share_of_nothing(f: Folder) -> Place:
    line = _budget(f)
    f.add_figure("budget_figures", "9", "%", budget="a_budget", parameter="share")
    return Place("budgets", line, "of", f.first("budgets"))


@mutation
def of_a_budget_without_share(f: Folder) -> Place:
    line = _budget(f, of=f.first("budgets"))
    f.add_figure("budget_figures", "9", "亿元", budget="a_budget", parameter="limit")
    return Place("budgets", line, "of", "add a share")


@mutation
def shares_in_a_circle(f: Folder) -> Place:
    line = _budget(f, "a_budget", of="b_budget")
    _budget(f, "b_budget", of="a_budget")
    for name in ("a_budget", "b_budget"):
        f.add_figure("budget_figures", "9", "%", budget=name, parameter="share")
    return Place("budgets", line, "of", "a_budget, b_budget")


@mutation
def share_above_one(f: Folder) -> Place:
    _budget(f, of=f.first("budgets"))
    line = f.add_figure("budget_figures", "109", "%", budget="a_budget", parameter="share")
    return Place("budget_figures", line, "value", "0 … 1")


@mutation
def negative_limit(f: Folder) -> Place:
    _budget(f)
    line = f.add_figure("budget_figures", "-9", "亿元", budget="a_budget", parameter="limit")
    return Place("budget_figures", line, "value", ">= 0")


@mutation
def fund_without_scope(f: Folder) -> Place:
    line = f.add("funds", fund="a_fund", name_zh="资金", name_en="Fund")
    return Place("funds", line, "fund", "fund_scopes")


@mutation
def fund_for_unknown_industry(f: Folder) -> Place:
    f.add("funds", fund="a_fund", name_zh="资金", name_en="Fund")
    name = f.first("industries")
    return Place("fund_scopes", f.add("fund_scopes", fund="a_fund", industry=name + "q"), "industry", name)


# -------------------------------------------------------------------------- magnitudes
@mutation
def total_in_wan_for_yi(f: Folder) -> Place:
    number = f.find("base_totals", unit="亿元")
    return Place("base_totals", f.set("base_totals", number, unit="万元"), "value", "residual item")


@mutation
def residual_changed(f: Folder) -> Place:
    total = f.rows("base_totals")[0]["quantity"]
    term = f.rows("quantity_terms")[f.find("quantity_terms", quantity=total, measure="account")]
    unit = f.unit_of("flows", term["flow"])
    f.add_figure("background", "1000", unit, item="slip", flow=term["flow"], parameter="level")
    return Place("base_totals", f.line("base_totals", 0), "value", f"{total} in background by -1")


@mutation
def amount_in_next_prefix(f: Folder) -> Place:
    number = f.find("amounts", vector="build", direction="adds", value="*", low="*")
    row = f.rows("amounts")[number]
    (unit, per), value = row["unit"].split("/"), float(row["value"])
    bounds = {"low": str(value / 10), "high": str(value * 10)}
    f.write("plausibility", [{"table": "amounts", "field": row["flow"], "per": per, "unit": unit, **bounds}])
    slip = "亿" + unit[1:] if unit.startswith("万") else "万" + unit
    return Place("amounts", f.set("amounts", number, unit=f"{slip}/{per}"), "unit", f"{unit}/{per}")


@mutation
def plausibility_of_unknown_table(f: Folder) -> Place:
    line = f.add("plausibility", table="amount", field="x", unit="t", low="0", high="1")
    return Place("plausibility", line, "table", "amounts")


@mutation
def plausibility_of_unknown_field(f: Folder) -> Place:
    line = f.add("plausibility", table="activity_figures", field="utilization", unit="h", low="0", high="1")
    return Place("plausibility", line, "field", "utilisation")


def _level_target(f: Folder, factor: float, unit: str) -> int:
    total = f.rows("base_totals")[f.find("base_totals", unit="亿元")]
    cells = {"indicator": "a_level", "kind": "level", "sense": ">=", "years": "last", "standing": "monitored"}
    f.add("indicators", **cells, quantity=total["quantity"], name_zh="水平", name_en="Level")
    value = f"{float(total['value']) * factor:g}"
    return f.add_figure("indicator_figures", value, unit, indicator="a_level", parameter="target")


@mutation
def target_in_wan_for_yi(f: Folder) -> Place:
    return Place("indicator_figures", _level_target(f, 1.5, "万元"), "unit", "亿元")


@mutation
def target_far_from_base(f: Folder) -> Place:
    return Place("indicator_figures", _level_target(f, 1234567, "亿元"), "value", "of the order of")


@mutation
def growth_from_nothing(f: Folder) -> Place:
    _new_account(f, "new_account")
    _quantity(f, "t")
    _term(f, measure="account", flow="new_account")
    cells = {"indicator": "a_growth", "kind": "growth", "sense": ">=", "years": "last", "standing": "monitored"}
    f.add("indicators", **cells, quantity="a_quantity", name_zh="增长", name_en="Growth")
    line = f.add_figure("indicator_figures", "5", "%", indicator="a_growth", parameter="target")
    return Place("indicator_figures", line, "parameter", "parameter base")


@mutation
def budget_in_wan_for_yi(f: Folder) -> Place:
    total = f.rows("base_totals")[f.find("base_totals", unit="亿元")]
    f.add("budgets", budget="a_budget", quantity=total["quantity"], carry_over="no", name_zh="预算", name_en="Budget")
    line = f.add_figure("budget_figures", total["value"], "万元", budget="a_budget", parameter="limit")
    return Place("budget_figures", line, "unit", "亿元")


@mutation
def project_dearer_than_the_plan(f: Folder) -> Place:
    f.write("plausibility", [])
    modelled = {row["project"] for row in f.rows("projects") if row["standing"] == "modelled"}
    rows = f.rows("project_amounts")
    number = next(n for n, row in enumerate(rows) if row["project"] in modelled and row["direction"] == "adds")
    dear = str(float(rows[number]["value"]) * 10_000)
    line = f.set("project_amounts", number, value=dear, low="", high="")
    return Place("project_amounts", line, "value", "below")


# -------------------------------------------------------------------------- scenarios
def scenario(text: str, column: str, right: str = "") -> Mutation:
    def change(f: Folder) -> Place:
        return Place(f.scenario(text), None, column, right)

    return change


MUTATIONS |= {
    "scenario_broken": lambda f: Place(f.scenario("scenario = \nx"), 1, "", "double quotes"),
    "scenario_unknown_key": scenario('foresigth = "perfect"', "foresigth", "Write foresight"),
    "scenario_unknown_table": scenario("[indicator.x]\nstanding = 'goal'", "indicator", "indicators"),
    "scenario_other_name": scenario('scenario = "other"', "scenario", 'scenario = "broken"'),
    "scenario_based_on_unknown": scenario('based_on = "nobody"', "based_on", "Write"),
    "scenario_based_on_itself": scenario('based_on = "broken"', "based_on", "Break it"),
    "scenario_switch_unknown": scenario('[switches]\nno_switch = "x"', "switches.no_switch", "Write"),
    "scenario_indicator_unknown": scenario("[indicators.nothing]\ntarget = 1", "indicators.nothing", "Write"),
    "scenario_project_unknown": scenario("[projects.nothing]\nearliest_year = 2008", "projects.nothing", "Write"),
    "scenario_budget_unknown": scenario("[budgets.nothing]\nlimit = 1", "budgets.nothing", "Write"),
    "scenario_quantity_unknown": scenario(
        '[[objective]]\nsense = "maximise"\nterms = [{quantity = "happiness"}]', "objective.happiness", "Write"
    ),
    "scenario_misshapen": scenario("objective = 5", "objective", "[[objective]]"),
    "scenario_figure_of_unknown_table": scenario(
        '[[figures]]\ntable = "budget_figure"\nvalue = 1', "figures[1]", "budget_figures"
    ),
}


def _figure(f: Folder, **changes: object) -> str:
    name = f.rows("base_totals")[0]["quantity"]
    entries = {"table": "base_totals", "quantity": name, "value": 5.0, **changes}
    return "[[figures]]\n" + "\n".join(f"{key} = {text!r}" for key, text in entries.items())


@mutation
def scenario_figure_of_unknown_key(f: Folder) -> Place:
    return Place(f.scenario(_figure(f, quantity="nothing")), None, "figures[1].quantity", "Write quantity =")


@mutation
def scenario_figure_of_unknown_column(f: Folder) -> Place:
    return Place(f.scenario(_figure(f, qantity="x")), None, "figures[1].qantity", "Write quantity")


@mutation
def scenario_figure_not_a_number(f: Folder) -> Place:
    return Place(f.scenario(_figure(f, value="much")), None, "figures[1].value", "finite number")


@mutation
def scenario_figure_nan(f: Folder) -> Place:
    return Place(f.scenario(_figure(f).replace("5.0", "nan")), None, "figures[1].value", "finite number")


@mutation
def scenario_figure_in_wrong_unit(f: Folder) -> Place:
    return Place(f.scenario(_figure(f, unit="岁")), None, "figures[1].unit", "converts to it")


@mutation
def scenario_figure_negative(f: Folder) -> Place:
    row = f.rows("activity_figures")[f.find("activity_figures", parameter="base_capacity")]
    cells = "\n".join(f"{key} = {row[key]!r}" for key in ("region", "activity", "parameter")) + "\nvalue = -1"
    return Place(f.scenario(f"[[figures]]\ntable = 'activity_figures'\n{cells}"), None, "figures[1].value", ">= 0")
