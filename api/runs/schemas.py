"""What is asked for as a run or a batch, and what is answered about it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from api.errors import ProblemFault
from api.formats import Record
from api.questions.asked import Changes, Name, Strict
from api.questions.judgements import UncertainFigure
from api.questions.kinds import AnswerTable
from api.questions.registry import AnyQuestion
from api.requests import Version
from api.store.vocabulary import RunKind, RunState, TaskState
from optimizer.scenario import Foresight
from optimizer.words.language import Language

MOST_CASES = 20_000
SUMMARY = "summary"


def example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class NewRun(Strict):
    """One question about a plan, to be answered in its own time."""

    model_config = example(plan="tiny", question={"kind": "what_if", "scenario": "less_money"})
    plan: Name
    version: Version = None
    question: AnyQuestion


class Variant(Strict):
    """Changes under a name."""

    name: Name
    changes: Changes


class Grid(Strict):
    """Every scenario with every variant, every foresight, and with foresight single_year for every year."""

    kind: Literal["grid"]
    scenarios: list[Name] = Field(default=[], max_length=10_000, description="the plan's default one if left out")
    variants: list[Variant] = Field(default=[], max_length=10_000)
    foresight: list[Foresight] = Field(default=[], max_length=3, description="that of the scenario if left out")
    years: list[int] = Field(
        default=[], max_length=200, description="years of foresight single_year; all plan years if left out"
    )
    changes: Changes = Field(default_factory=Changes, description="made in every case, before those of the variant")
    tables: list[AnswerTable] = Field(default=["indicators", "quantities"], max_length=20)
    time_limit: Annotated[FiniteFloat, Field(gt=0, le=3600)] | None = Field(None, description="seconds for each case")


class Questions(Strict):
    """Questions of any kind."""

    kind: Literal["questions"]
    questions: list[AnyQuestion] = Field(min_length=1, max_length=MOST_CASES)


class Samples(Strict):
    """The scenario with uncertain figures drawn at random over their ranges, uniform and independent."""

    kind: Literal["samples"]
    scenario: Name | None = None
    changes: Changes = Field(default_factory=Changes)
    figures: list[UncertainFigure] = Field(min_length=1, max_length=1000)
    samples: int = Field(ge=1, le=MOST_CASES)
    method: Literal["latin_hypercube", "sobol"] = "latin_hypercube"
    seed: int = Field(0, ge=0, lt=2**63)
    tables: list[AnswerTable] = Field(default=["indicators"], max_length=20)
    time_limit: Annotated[FiniteFloat, Field(gt=0, le=3600)] | None = Field(None, description="seconds for each sample")


class NewBatch(Strict):
    """Many questions about one plan."""

    model_config = example(
        plan="tiny",
        cases={
            "kind": "grid",
            "scenarios": ["most_value", "less_money"],
            "foresight": ["perfect", "single_year"],
            "years": [2006, 2007, 2008],
        },
    )
    plan: Name
    version: Version = None
    cases: Annotated[Grid | Questions | Samples, Field(discriminator="kind")]
    language: Language | None = Field(None, description="of the sentences; by Accept-Language if left out")


class Counts(BaseModel):
    """Tasks by state."""

    model_config = ConfigDict(from_attributes=True)

    total: int
    queued: int
    running: int
    succeeded: int
    failed: int
    cancelled: int


class Links(BaseModel):
    """Where more about the run is."""

    self: str
    events: str
    tasks: str
    result: str | None = Field(description="of a single question, once there is one")
    results: str | None = Field(description="of a batch: a table over its cases, as far as there are results")
    cancel: str | None = Field(description="as long as there is something to cancel")


class Run(BaseModel):
    """A run: one question, or many. `partial`: some cases failed, others have results."""

    id: str
    kind: RunKind
    state: RunState
    cancelling: bool
    plan: str
    fingerprint: str = Field(description="of the version of the plan that is asked about")
    question: Record | None = Field(description="of a single question, as it was asked")
    asker: str
    fraction: float = Field(description="share of the work that is done, 0 to 1")
    counts: Counts
    accepted_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    links: Links


class RunList(BaseModel):
    items: list[Run] = Field(description="the newest first")
    next_cursor: str | None = None


class TaskProblem(BaseModel):
    """Why a case has no answer."""

    code: str
    detail: str
    errors: list[ProblemFault] = []


class Task(BaseModel):
    """One case of a run."""

    position: int
    state: TaskState
    attempt: int = Field(description="how often it was begun")
    case: Record = Field(description="what tells it from the others")
    problem: TaskProblem | None
    result: str | None = Field(description="where its result is, once there is one")
    started_at: datetime | None
    finished_at: datetime | None


class TaskList(BaseModel):
    run: str
    items: list[Task]
    next_cursor: str | None = None


class ResultPage(BaseModel):
    """Cases in order, each with its rows of the table that was asked for."""

    run: str
    table: str
    rows: list[Record]
    columns: list[str] = Field(description="of the rows of this page; those of the table where no case has any")
    next_cursor: str | None = None


class ResultRef(Strict):
    """A result: the run, and the position in a batch."""

    run: Name
    position: int = Field(0, ge=0)


class NewComparison(Strict):
    """Two stored results."""

    model_config = example(before={"run": "0a1b2c", "position": 0}, after={"run": "0a1b2c", "position": 1})
    before: ResultRef
    after: ResultRef


class StoredComparison(BaseModel):
    """Two stored results side by side: objective, settings, and each table that both have, with the difference."""

    before: Record
    after: Record
    difference: float | None = Field(description="of the objectives, where both are known and of one unit")
    unit: str | None
    settings: list[Record] = Field(description="what differs between the complete scenarios")
    tables: dict[str, list[Record]]
    columns: dict[str, list[str]] = Field(description="names of the columns of each table, rows or none")
