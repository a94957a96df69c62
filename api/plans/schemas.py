"""What is answered about plans. Records follow the declarations of ``model_data.schema``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from api.formats import Scalar
from model_data.schema import TABLE, Column, Table

DEFAULT_LIMIT = 200
_TYPES = {"integer": int | None, "number": float | None}


def record_model(table: Table, name: str, **more: Any) -> type[BaseModel]:
    """The model of a table's rows, column by column."""
    fields: dict[str, Any] = {column.name: (_TYPES.get(column.type, str), _field(column)) for column in table.columns}
    return create_model(name, __doc__=table.doc, **fields, **more)


def _field(column: Column) -> Any:
    extra: dict[str, Any] = {"enum": [*column.choices, *([] if column.required else [""])]} if column.choices else {}
    return Field(title=f"{column.zh} / {column.en}", description=column.doc or None, json_schema_extra=extra or None)


def _figures(table: str, of: str, name: str) -> tuple[Any, Any]:
    """A field with the figures of one entity, without the column that names it."""
    declared, key = TABLE[table], TABLE[of].key[0]
    rest = replace(declared, columns=tuple(column for column in declared.columns if column.name != key))
    return list[record_model(rest, name)], Field(description=declared.doc)  # type: ignore[misc]  # a model made here


Indicator: Any = record_model(
    TABLE["indicators"], "Indicator", figures=_figures("indicator_figures", "indicators", "IndicatorFigure")
)
Project: Any = record_model(
    TABLE["projects"], "Project", figures=_figures("project_figures", "projects", "ProjectFigure")
)
ListedSource: Any = record_model(TABLE["sources"], "ListedSource")


class PlanSummary(BaseModel):
    """A plan by name, with its years and its identity."""

    plan: str
    name_zh: str
    name_en: str
    base_year: int
    first_year: int
    last_year: int
    closing_years: int
    default_scenario: str
    fingerprint: str = Field(
        description="SHA-256 over settings, tables and scenarios: equal content, equal fingerprint"
    )


class PlanDetail(PlanSummary):
    """A plan with what it holds."""

    description_zh: str
    description_en: str
    investment_account: str
    scenarios: list[str]
    tables: dict[str, int] = Field(description="rows of every table")


class PlanList(BaseModel):
    items: list[PlanSummary]


class PlanIdentity(BaseModel):
    """A version of a plan."""

    plan: str
    fingerprint: str


class PlanVersion(PlanIdentity):
    """A version of a plan, and whether it is what an address without `version` means."""

    stored: datetime | None = Field(description="null for what came with the service")
    built_in: bool = Field(description="comes from the settings of the service; read-only")
    retired: bool
    newest: bool


class VersionList(BaseModel):
    plan: str
    items: list[PlanVersion]


class PlanChange(BaseModel):
    """One difference; texts as in a file. A row that is added or removed has no column."""

    kind: Literal["added", "removed", "changed"]
    table: str = Field(description="a table, plan.toml, or scenarios/ and a name")
    key: dict[str, str] = Field(description="key columns of the row that are not blank")
    column: str
    before: str
    after: str


class DiffPage(PlanIdentity):
    """One page of differences from this version to the other."""

    to: PlanIdentity
    total: int
    next_cursor: str | None = None
    items: list[PlanChange]


class ChoiceWord(BaseModel):
    """How a reader says what may stand in a cell."""

    zh: str
    en: str


class ColumnInfo(BaseModel):
    """A column as the schema declares it."""

    name: str
    type: str
    zh: str
    en: str
    doc: str
    required: bool
    choices: list[str]
    words: dict[str, ChoiceWord] = Field(description="of each choice")
    refers_to: str

    @classmethod
    def of(cls, column: Column) -> ColumnInfo:
        words = {choice: ChoiceWord(zh=word.zh, en=word.en) for choice, word in column.choices.items()}
        return cls(**vars(column) | {"choices": list(words), "words": words})


class TableSummary(BaseModel):
    """A table as the schema declares it, and how many rows this plan has."""

    table: str
    zh: str
    en: str
    doc: str
    key: list[str]
    holds_figures: bool
    rows: int


class TableList(BaseModel):
    plan: str
    fingerprint: str
    items: list[TableSummary]


class Paged(BaseModel):
    """One page of rows; ``next_cursor`` is null on the last."""

    plan: str
    fingerprint: str
    total: int
    next_cursor: str | None = None


class TablePage(Paged):
    table: str
    columns: list[ColumnInfo]
    rows: list[dict[str, Scalar]]


class IndicatorPage(Paged):
    items: list[Indicator]


class ProjectPage(Paged):
    items: list[Project]


class SourcePage(Paged):
    items: list[ListedSource]
