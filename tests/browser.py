"""The real Chromium for the tests: from the npm package, without anything of the system but glibc.

The package carries the browser and the libraries that a bare machine lacks (NSS, NSPR, expat), compressed.
They are unpacked once, inside the virtual environment. ``python -m tests.browser`` does it and prints the path.
"""

import fcntl
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "node_modules" / "@sparticuz" / "chromium"
NODE = Path(sys.prefix) / "bin" / "node"
SYSTEM_CHROMIUM = Path("/usr/bin/chromium")
FONT_PACKAGES = ("noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
UNPACK = """
import chromium from '@sparticuz/chromium';
console.log(await chromium.executablePath());
"""


@dataclass(frozen=True)
class Browser:
    executable: Path
    environment: dict[str, str]
    """What the browser's process needs on top of ours: its libraries and the Japanese fonts."""

    def launch_arguments(self) -> dict[str, object]:
        """For Playwright's ``launch``."""
        environment = {**os.environ, **self.environment}
        return {"executable_path": str(self.executable), "args": FLAGS, "env": environment, "headless": True}


def find_browser() -> Browser:
    """The npm package's Chromium, unpacked; where the package has none for this processor, the system's."""
    if platform.machine() != "x86_64":
        return _system_browser()
    home = _unpacked()
    environment = {"LD_LIBRARY_PATH": str(home / "al2023" / "lib"), "FONTCONFIG_FILE": str(_fonts_conf(home))}
    return Browser(home / "chromium", environment)


def _system_browser() -> Browser:
    if not SYSTEM_CHROMIUM.exists():
        raise RuntimeError(
            f"no Chromium for {platform.machine()} from npm: install the Debian package chromium"
        )
    home = Path(sys.prefix) / "chromium-system"
    home.mkdir(exist_ok=True)
    return Browser(SYSTEM_CHROMIUM, {"FONTCONFIG_FILE": str(_fonts_conf(home))})


def _unpacked() -> Path:
    if not PACKAGE.is_dir():
        raise RuntimeError("Chromium is not installed: run `make setup-dev`")
    version = json.loads((PACKAGE / "package.json").read_text())["version"]
    home = Path(sys.prefix) / f"chromium-{version}"
    with (Path(sys.prefix) / "chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the xdist workers all ask at once
        if not home.exists():
            _unpack_into(home)
    return home


def _unpack_into(home: Path) -> None:
    """Through a folder of another name: a run that was cut short leaves no half browser behind."""
    staging = Path(tempfile.mkdtemp(prefix="chromium-", dir=home.parent))
    # the package brings its libraries only where it believes itself on Amazon Linux
    environment = {**os.environ, "TMPDIR": str(staging), "AWS_LAMBDA_JS_RUNTIME": "nodejs24.x"}
    node = [str(NODE), "--input-type=module", "--eval", UNPACK]
    try:
        subprocess.run(node, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
        staging.rename(home)
    except BaseException:
        shutil.rmtree(staging)
        raise


def _fonts_conf(home: Path) -> Path:
    """Only the fonts of the noto wheels, so that a picture looks the same on every machine."""
    folders = "".join(f"<dir>{files(package)}</dir>" for package in FONT_PACKAGES)
    alias = "".join(
        f"<alias binding='same'><family>{family}</family><prefer><family>Noto Sans CJK JP</family></prefer></alias>"
        for family in ("sans-serif", "serif", "monospace", "system-ui")
    )
    text = f"<fontconfig>{folders}<cachedir>{home / 'font-cache'}</cachedir>{alias}</fontconfig>\n"
    path = home / "fonts.conf"
    if not path.exists() or path.read_text() != text:
        part = path.with_suffix(f".{os.getpid()}")
        part.write_text(text)
        part.replace(path)
    return path


if __name__ == "__main__":
    sys.stdout.write(f"{find_browser().executable}\n")
