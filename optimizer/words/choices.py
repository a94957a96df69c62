"""Words of the closed vocabularies that a reader meets in answers."""

from __future__ import annotations

from collections.abc import Mapping

from model_data import vocabulary
from optimizer.words.language import Language, Text

STANDINGS: Mapping[str, Text] = {key: Text(*word) for key, word in vocabulary.STANDINGS.items()}
EVIDENCE: Mapping[str, Text] = {key: Text(*word) for key, word in vocabulary.EVIDENCE.items()}
MET: Mapping[str, Text] = {"yes": Text("达到", "yes"), "no": Text("未达到", "NO"), "": Text("—", "—")}
NOTES: Mapping[str, Text] = {
    "only upwards": Text("仅增加时成立", "only for more"),
    "only downwards": Text("仅减少时成立", "only for less"),
    "degenerate": Text("退化：多个价格之一", "one of several prices"),
    "": Text("", ""),
}
FORESIGHT: Mapping[str, Text] = {
    "perfect": Text("各年统筹优化", "all years together"),
    "myopic": Text("逐年优化(不预见后来年份)", "year after year, without foresight"),
    "single_year": Text("只优化目标年", "one target year"),
}


def choice(words: Mapping[str, Text], key: str, language: Language) -> str:
    """The word for a member of a vocabulary; the member itself where it has none."""
    return words[key].say(language) if key in words else key
