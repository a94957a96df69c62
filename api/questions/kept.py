"""Answers that were given and never change, kept by the tag of their question: asked again, they are only looked up."""

from __future__ import annotations

import logging

from api.runs.works import Works
from api.store.errors import StoreError
from api.store.records import Document

LOG = logging.getLogger("planopt.api")


def recalled(works: Works | None, tag: str) -> bytes | None:
    """The answer to the question of that tag, if it is kept. What the store cannot tell is computed again."""
    if works is None:
        return None
    try:
        found = works.answers.get(tag.strip('"'))
    except StoreError as error:
        LOG.warning("answers cannot be looked up: %s", error)
        return None
    return None if found is None else found.body


def keep(works: Works | None, tag: str, content: bytes) -> None:
    """Keeps the answer, as far as the store can."""
    if works is None:
        return
    try:
        works.answers.put(Document.of(content, etag=tag.strip('"')))
    except StoreError as error:
        LOG.warning("an answer cannot be kept: %s", error)
