"""What the store cannot do, as refusals of the service."""

from __future__ import annotations

from collections.abc import Mapping

from api.errors import (
    ApiError,
    KeyUsedError,
    QueueFullError,
    StoreFullError,
    StoreUnavailableError,
    UnknownRunError,
)
from api.store import errors as store

SOON = {"Retry-After": "5"}
REFUSALS: Mapping[type[store.StoreError], type[ApiError]] = {
    store.IdempotencyConflictError: KeyUsedError,
    store.QueueFullError: QueueFullError,
    store.StoreFullError: StoreFullError,
    store.StoreUnavailableError: StoreUnavailableError,
    store.UnknownRunError: UnknownRunError,
}


def of_store(error: store.StoreError) -> ApiError:
    """The nearest refusal; a failure of the service where there is none."""
    for kind in type(error).__mro__:
        refusal = REFUSALS.get(kind)
        if refusal is not None:
            return refusal(error.text, headers=SOON if refusal.status == StoreUnavailableError.status else None)
    return ApiError(error.text)
