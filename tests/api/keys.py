"""Keys in memory, and a service that asks for them."""

from api.access.keys import StoredKey, digest, new_key
from api.access.roles import Role

KEYS = {role: new_key() for role in Role}


class MemoryKeys:
    """Where keys are kept for a test; ``broken`` makes it fail."""

    def __init__(self, keys=None):
        keys = KEYS if keys is None else keys
        self.stored = [StoredKey(digest(key)[:12], f"{role}-key", role, digest(key)) for role, key in keys.items()]
        self.broken = False
        self.looks = 0

    def active(self):
        self.looks += 1
        if self.broken:
            raise OSError("the database is gone")
        return list(self.stored)


def bearer(role):
    return {"authorization": f"Bearer {KEYS[role]}"}
