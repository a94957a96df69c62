"""The closed vocabulary of outcomes, each with its sentence."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """How a solve ended. Only ``optimal`` carries a certificate that holds."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    TIME_LIMIT = "time_limit"
    CANCELLED = "cancelled"
    UNCERTIFIED = "uncertified"
    FAILED = "failed"

    @property
    def sentence_en(self) -> str:
        return _SENTENCES[self][0]

    @property
    def sentence_zh(self) -> str:
        return _SENTENCES[self][1]


_SENTENCES = {
    Status.OPTIMAL: ("The best plan was found and its certificate holds.", "已求得最优方案，最优性证书成立。"),
    Status.INFEASIBLE: (
        "No plan meets all required targets and limits; see the conflict.",
        "没有任何方案能同时满足全部必达目标与约束，见冲突说明。",
    ),
    Status.UNBOUNDED: (
        "The objective can grow without limit: a limit is missing from the plan.",
        "目标函数可以无限增大：规划数据缺少某项约束。",
    ),
    Status.TIME_LIMIT: (
        "The time limit was reached; what is shown, if anything, is the best plan found so far.",
        "已到时间上限；如有结果，仅为目前找到的最好方案。",
    ),
    Status.CANCELLED: (
        "The run was cancelled; what is shown, if anything, is the best plan found so far.",
        "计算已取消；如有结果，仅为目前找到的最好方案。",
    ),
    Status.UNCERTIFIED: (
        "The solver reports an optimum but the recomputed certificate fails: do not rely on it.",
        "求解器报告最优，但重新计算的证书不成立，结果不可采信。",
    ),
    Status.FAILED: ("The solver gave no usable answer.", "求解器未给出可用结果。"),
}
