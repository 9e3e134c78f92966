"""Rewrite the pins of the requirement files to the newest releases that fit together.

Asks pip to resolve all names at once in an empty environment and installs nothing. Comments stay.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

#: Raised by hand only, with the reason. An empty bound means: exactly the present pin.
BOUNDS = {
    "django": "<6",  # 5.2 is the long-term support line
    "weasyprint": "",  # page images are compared
    "pydyf": "",  # goes with weasyprint
}
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?P<extras>\[[^\]]*\])?==(?P<version>[^\s#]+)(?P<rest>.*)$")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(line: re.Match[str]) -> str:
    bound = BOUNDS.get(normal(line["name"]))
    suffix = f"=={line['version']}" if bound == "" else bound or ""
    return f"{line['name']}{line['extras'] or ''}{suffix}"


def resolve(names: list[str]) -> dict[str, str]:
    """Return the version of every package that pip would install, by normal name."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        done = subprocess.run(
            [f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "--dry-run", "--report", "-", *names],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    found = (package["metadata"] for package in json.loads(done.stdout)["install"])
    return {normal(package["name"]): package["version"] for package in found}


def main(files: list[Path]) -> None:
    pins = [found for file in files for line in file.read_text().splitlines() if (found := PIN.match(line))]
    newest = resolve([wanted(pin) for pin in pins])
    for file in files:
        lines = []
        for line in file.read_text().splitlines():
            pin = PIN.match(line)
            if pin and newest[normal(pin["name"])] != pin["version"]:
                version = newest[normal(pin["name"])]
                print(f"{pin['name']} {pin['version']} > {version}")
                line = f"{pin['name']}{pin['extras'] or ''}=={version}{pin['rest']}"
            lines.append(line)
        file.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
