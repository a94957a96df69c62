"""A network of its own on this machine, and a cable to it that can be cut."""

import os
import subprocess
import uuid

import pytest


class Network:
    """A namespace reached by ``there``. ``inside``: what stands before a command that is to run there."""

    def __init__(self):
        own = uuid.uuid4().hex[:6]
        self._name, self._here, self._far = f"drill{own}", f"dh{own}", f"df{own}"
        number = int(own, 16)
        subnet = f"10.{200 + number % 50}.{number // 50 % 250}"
        self.here, self.there = f"{subnet}.1", f"{subnet}.2"
        self.inside = ["ip", "netns", "exec", self._name]
        if os.geteuid() or self._try("netns", "add", self._name):
            pytest.skip("only root can make networks")
        if self._try("link", "add", self._here, "type", "veth", "peer", "name", self._far, "netns", self._name):
            self.remove()
            pytest.skip("no networks can be made here")
        self._do("addr", "add", f"{self.here}/24", "dev", self._here)
        self._do("link", "set", self._here, "up")
        self._do("-n", self._name, "addr", "add", f"{self.there}/24", "dev", self._far)
        self._do("-n", self._name, "link", "set", "lo", "up")
        self.mend()

    def cut(self):
        """What is sent is lost without a word."""
        self._do("-n", self._name, "link", "set", self._far, "down")

    def mend(self):
        self._do("-n", self._name, "link", "set", self._far, "up")

    def remove(self):
        self._try("netns", "del", self._name)

    @staticmethod
    def _try(*words):
        return subprocess.run(["ip", *words], capture_output=True, check=False).returncode

    @staticmethod
    def _do(*words):
        subprocess.run(["ip", *words], check=True)
