"""Check, without any network, that the pinned requirements are what pyproject.toml asks for.

Every named dependency is pinned with hashes to a version in its range, run.txt and dev.txt agree,
and no file names the address of a package registry.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return {canonicalize_name(package): version for package, version in PIN.findall(text)}


def hashless(name: str) -> list[str]:
    """Pins without a hash."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    return [b.split()[0] for b in blocks if "==" in b.split("\n")[0] and "--hash=" not in b]


def outside(wanted: list[str], pinned: dict[str, str], where: str) -> list[str]:
    """Named requirements that the pins do not satisfy."""
    found = []
    for line in wanted:
        requirement = Requirement(line)
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None:
            found.append(f"{where}: {requirement.name} is not pinned")
        elif not requirement.specifier.contains(version, prereleases=True):
            found.append(f"{where}: {requirement.name}=={version} is not {requirement.specifier}")
    return found


def problems() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run, dev = pins("run.txt"), pins("dev.txt")
    runtime = project["project"]["dependencies"]
    runtime += project["project"]["optional-dependencies"]["planner"]
    found = outside(runtime, run, "run.txt")
    found += outside(runtime + project["dependency-groups"]["dev"], dev, "dev.txt")
    found += [
        f"{name}: run.txt pins {version}, dev.txt {dev.get(name)}"
        for name, version in run.items()
        if dev.get(name) != version
    ]
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        found += [f"{path.name}: {pin} has no hash" for pin in hashless(path.name)]
        if re.search(r"://|--(extra-)?index-url|--find-links", path.read_text(encoding="utf-8")):
            found.append(f"{path.name}: names an address")
    return found


if __name__ == "__main__":
    wrong = problems()
    sys.stdout.write("\n".join([*wrong, "requirements: " + ("wrong" if wrong else "ok")]) + "\n")
    sys.exit(bool(wrong))
