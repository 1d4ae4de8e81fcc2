"""Debian's packages, installed where that is permitted."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


def install(package: str) -> bool:
    """Install the package if this is Debian and we may act as root; returns whether that worked."""
    as_root = root_prefix()
    if as_root is None or not _is_debian():
        return False
    quietly = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    apt_get = [*as_root, *quietly]
    return runs([*apt_get, "update"]) and runs([*apt_get, "install", "-y", package])


def root_prefix() -> list[str] | None:
    """The command prefix for running as root; None if that isn't permitted or would ask for a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and runs(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    return None


def runs(command: list[str]) -> bool:
    """Run the command without its output; returns whether it succeeded."""
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode == 0


def _is_debian() -> bool:
    release = Path("/etc/os-release")
    return release.exists() and "ID=debian" in release.read_text().splitlines()
