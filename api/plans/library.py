"""The plans that the service knows: those of its settings, and versions that were stored since."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from api.errors import AmbiguousVersionError, BuiltInError, RetiredError, UnknownNameError
from api.plans.shelf import MemoryShelf, Shelf, Version
from model_data import Plan, load_plan
from model_data.archive import read_plan_bytes, scenario_texts_in, write_plan_bytes
from optimizer.words.language import Text

PLAN, VERSION = Text("规划", "plan"), Text("规划版本", "version of the plan")
GONE = Text("该版本已不在本服务中。", "This version is no longer in the service.")
MOST_READ = 16  # plans that are kept read


class Library(Mapping[str, Plan]):
    """The newest version of each plan by the name in its settings; built-in plans first, in the order given.

    The versions of a plan are the built-in one, if any, and the stored ones. The newest is the one that was stored last
    and not retired; storing old content again makes that version the newest. Raises LookupError where two built-in
    plans share a name.
    """

    def __init__(self, plans: Iterable[Plan], shelf: Shelf | None = None) -> None:
        self._built_in: dict[str, Plan] = {}
        for plan in plans:
            if plan.settings.plan in self._built_in:
                raise LookupError(f"two plans are named {plan.settings.plan!r}; give one another name in plan.toml")
            self._built_in[plan.settings.plan] = plan
        self.shelf: Shelf = shelf or MemoryShelf()
        self._read: OrderedDict[str, Plan] = OrderedDict()
        self._changing, self._reading = threading.Lock(), threading.Lock()

    @classmethod
    def load(cls, paths: Iterable[Path]) -> Library:
        return cls(load_plan(path) for path in paths)

    # --------------------------------------------------------------------------------------------- as a mapping

    def __getitem__(self, name: str) -> Plan:
        return self.version(name)

    def __iter__(self) -> Iterator[str]:
        stored = (version.plan for version in self.shelf.versions() if not version.retired)
        return iter(dict.fromkeys([*self._built_in, *stored]))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        return name in list(self)

    # ------------------------------------------------------------------------------------------------- versions

    def versions(self, name: str) -> list[Version]:
        """Every version of a plan, the newest first, retired ones included. Raises UnknownNameError."""
        found = self._versions(name)
        if all(version.retired for version in found):
            raise UnknownNameError(PLAN, name, self)
        return found

    def _versions(self, name: str) -> list[Version]:
        """The built-in version is the oldest, unless its content was stored again."""
        plan = self._built_in.get(name)
        own = "" if plan is None else plan.fingerprint
        stored = [version for version in self.shelf.versions() if version.plan == name]
        found = [replace(version, built_in=version.fingerprint == own) for version in reversed(stored)]
        if plan is not None and not any(version.built_in for version in found):
            found.append(Version(name, own, built_in=True))
        return found

    def version(self, name: str, prefix: str | None = None) -> Plan:
        """The newest version, or the one whose fingerprint begins so.

        Raises UnknownNameError, AmbiguousVersionError, RetiredError.
        """
        return self.open(self.find(name, prefix))

    def find(self, name: str, prefix: str | None = None) -> Version:
        """As ``version``, without reading the plan."""
        versions = self.versions(name)
        if prefix is None:
            return next(version for version in versions if not version.retired)
        found = [version for version in versions if version.fingerprint.startswith(prefix)]
        if not found:
            raise UnknownNameError(VERSION, prefix, [version.fingerprint[:12] for version in versions])
        if len(found) > 1:
            raise AmbiguousVersionError(
                Text("多个版本以此开头，请多写几位。", "Several versions begin so; name more of it.")
            )
        if found[0].retired:
            raise RetiredError(Text("该版本已停用。", "This version was retired."))
        return found[0]

    def open(self, version: Version) -> Plan:
        """The plan of a version, retired or not; the last ones used are kept read."""
        if version.built_in:
            return self._built_in[version.plan]
        with self._reading:
            if version.fingerprint not in self._read:
                content = self.content(version)
                self._read[version.fingerprint] = read_plan_bytes(content, "archive")
            self._read.move_to_end(version.fingerprint)
            while len(self._read) > MOST_READ:
                self._read.popitem(last=False)
            return self._read[version.fingerprint]

    def known(self, name: str, fingerprint: str) -> Plan:
        """The plan of a version, retired or not: for runs that were asked of it. Raises RetiredError."""
        for version in self._versions(name):
            if version.fingerprint == fingerprint:
                return self.open(version)
        raise RetiredError(GONE)

    def by_fingerprint(self, fingerprint: str) -> Plan:
        """The plan of that content, whatever its name, retired or not. Raises LookupError where it is gone."""
        names = [*self._built_in, *(version.plan for version in self.shelf.versions())]
        for name in dict.fromkeys(names):
            if any(version.fingerprint == fingerprint for version in self._versions(name)):
                return self.known(name, fingerprint)
        raise LookupError(f"no version {fingerprint} of any plan is there")

    def content(self, version: Version) -> bytes:
        """The zip of a version."""
        if version.built_in:
            return write_plan_bytes(self._built_in[version.plan], "archive")
        content = self.shelf.content(version.fingerprint)
        if content is None:
            raise LookupError(f"the content of version {version.fingerprint} of plan {version.plan!r} is missing")
        return content

    def scenario_texts(self, version: Version) -> Mapping[str, str]:
        if version.built_in:
            return self._built_in[version.plan].scenario_texts
        return scenario_texts_in(self.content(version))

    # -------------------------------------------------------------------------------------------------- changing

    def store(self, plan: Plan) -> tuple[Version, bool]:
        """Makes the plan the newest version; whether its content is new. Content that was there is the same version."""
        with self._changing:
            return self._store(plan)

    def change(self, name: str, edit: Callable[[Plan], Plan]) -> Version:
        """The newest version after what ``edit`` made of the one before; changes made at once come one by one.

        Where another service of the same database was faster, ``edit`` is called again, with what that one made.
        """
        with self._changing:
            while (changed := self._changed(name, edit)) is None:
                continue
            return changed

    def _changed(self, name: str, edit: Callable[[Plan], Plan]) -> Version | None:
        stored = [version.fingerprint for version in self.shelf.versions() if version.plan == name]
        before = self.find(name)
        plan = edit(self.open(before))
        if plan.fingerprint == before.fingerprint:
            return before
        last = stored[-1] if stored else None
        return self.shelf.add_after(last, name, plan.fingerprint, write_plan_bytes(plan, "archive"))

    def _store(self, plan: Plan) -> tuple[Version, bool]:
        name, fingerprint = plan.settings.plan, plan.fingerprint
        known = [version for version in self._versions(name) if not version.retired]
        if not known or known[0].fingerprint != fingerprint:
            self.shelf.add(name, fingerprint, write_plan_bytes(plan, "archive"))
        return self.find(name), all(version.fingerprint != fingerprint for version in known)

    def retire(self, name: str, prefix: str) -> None:
        """No longer to be had, and no longer the newest; retiring twice is retiring once.

        Raises UnknownNameError, AmbiguousVersionError, BuiltInError.
        """
        try:
            version = self.find(name, prefix)
        except RetiredError:
            return
        if version.built_in:
            raise BuiltInError(
                Text("内置版本只读，不能停用。", "A built-in version is read-only and cannot be retired.")
            )
        with self._changing:
            self.shelf.retire(name, version.fingerprint)
