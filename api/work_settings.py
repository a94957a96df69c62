"""Settings of runs and batches: where they are carried out, and how many may wait."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from api.setting_groups import Group, UnfitError
from optimizer.words.language import Text

NO_SCHEDULER = Text(
    "engine 为 dask 时须用 PLANOPT_API_DASK_SCHEDULER 给出调度器地址，例如 tcp://主机:8786。",
    "the engine dask needs PLANOPT_API_DASK_SCHEDULER, the address of the scheduler, such as tcp://host:8786",
)


class Work(Group):
    """Runs and batches."""

    heading: ClassVar[Text] = Text("运行与批量", "Runs and batches")

    engine: Annotated[
        Literal["local", "dask"],
        Text(
            "计算在何处进行：local：本机的若干进程；dask：Dask 集群。",
            "Where runs are carried out: local: processes of this machine; dask: a Dask cluster.",
        ),
    ] = "local"
    dask_scheduler: Annotated[
        str | None,
        Field(max_length=500),
        Text("Dask 调度器的地址，例如 tcp://主机:8786。", "Address of the Dask scheduler, such as tcp://host:8786."),
    ] = None
    workers: Annotated[
        int | None,
        Field(ge=1, le=256),
        Text(
            "engine 为 local 时用于批量的进程数；不设时为本机的处理器数。另有一个进程留给单个问题。"
            "各进程在首次需要时启动，约占 270 MB。",
            "Processes of the engine local for batches; if not set, as many as this machine has processors. One more is"
            " kept for single questions. Each is started when it is first needed, and takes about 270 MB.",
        ),
    ] = None
    worker_memory: Annotated[
        int | None,
        Field(ge=640, le=1_048_576),
        Text(
            "engine 为 local 时每个进程可用的内存（MiB，仅 Linux），其中约 600 为程序自身；"
            "超出的问题以 out_of_memory 失败。不设则不限。",
            "Memory that each process of the engine local may have, in MiB (Linux only), of which the program itself"
            " takes about 600; a question that needs more fails with out_of_memory. No limit if not set.",
        ),
    ] = None
    max_queued: Annotated[
        int,
        Field(ge=1, le=10_000_000),
        Text(
            "可等待的算例总数；超出时新的运行得到 503。",
            "Cases that may wait, over all runs; a new run beyond that gets 503.",
        ),
    ] = 100_000
    retention: Annotated[
        int,
        Field(ge=1, le=36_500),
        Text("已结束的运行保存的天数。", "Days for which runs are kept after their end."),
    ] = 90

    @model_validator(mode="after")
    def _scheduler_of_dask(self) -> Work:
        if self.engine == "dask" and not self.dask_scheduler:
            raise UnfitError(NO_SCHEDULER)
        return self
