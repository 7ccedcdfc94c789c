#!/usr/bin/env python3
"""Sets up what is missing, then starts Layerloom or its tests.

    python run.py [arguments of layerloom]       what ./run does
    python run.py --test [arguments of pytest]   what ./test does

Standard library only. Tested on Linux; meant to work on Windows and macOS and untested there.
LAYERLOOM_TORCH=cpu|cuda chooses the build of torch; unset, an NVIDIA card that answers at set-up means CUDA.
Exit code 3: something must be installed by hand.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ROOT = Path(__file__).resolve().parent
BASE_LOCK = ROOT / "requirements" / "base.lock"
CUDA_LOCK = ROOT / "requirements" / "cuda.lock"
OLDEST = (3, 11)
LINUX = sys.platform.startswith("linux")
TORCH = "torch==2.13.0"

# What the wheels of PySide6 and pygraphviz ask of Linux, and a window on a screen: soname -> Debian's name.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
}
SCREEN_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-shape.so.0": "libxcb-shape0",
}
TOOLS = {"dot": "graphviz"}  # where it cannot be had, pygraphviz draws
TEST_TOOLS = {"Xvfb": "xvfb", "xauth": "xauth", "xdotool": "xdotool"}  # else no window is tested

# What a failed step wrote, and the sentence for it.
NO_NETWORK = re.compile(
    r"NewConnectionError|Failed to establish a new connection|NameResolutionError|Name or service not known"
    r"|Temporary failure|Could not resolve|Network is unreachable|ConnectTimeout|Connection refused|dns error"
    r"|error sending request|client error \(Connect\)",
    re.IGNORECASE,
)
NO_SPACE = re.compile(r"No space left on device|not have enough free space|os error 28", re.IGNORECASE)


class Stop(Exception):
    """Set-up cannot go on: one sentence that says what a person can do, and what a failed step wrote."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


def main(arguments: Sequence[str]) -> int:
    """Sets up and starts. Where a program takes this one's place (POSIX), it does not come back."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that a running step ends with us
    os.environ.pop("PYTHONHOME", None)
    os.environ.pop("PYTHONPATH", None)
    testing = arguments[:1] == ["--test"]
    try:
        ensure_python(arguments)
        environment = environment_folder()
        set_up(environment, testing)
        if testing:
            return run_tests(environment, arguments[1:])
        return start(environment, arguments)
    except Stop as stop:
        print("".join(stop.output.splitlines(keepends=True)[-12:]), end="", file=sys.stderr)
        say(str(stop))
    except OSError as error:
        say(f"set-up stopped at {error.filename or 'the system'}: {error.strerror}")
    except KeyboardInterrupt:
        say("stopped; the next start goes on from here")
        return 130
    return 3


def say(text: str) -> None:
    print(f"layerloom: {text}", file=sys.stderr, flush=True)


# ---- the machine: Python, folder, system packages ------------------------------------------------


def ensure_python(arguments: Sequence[str]) -> None:
    """Starts over with a newer Python where this one is too old and another is on PATH."""
    if sys.version_info >= OLDEST:
        return
    for minor in (14, 13, 12, 11):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0:
            os.execv(found, [found, __file__, *arguments])
    raise Stop(f"this is Python {platform.python_version()}; install Python 3.11 or newer and start again")


def environment_folder() -> Path:
    """`.venv` in the checkout or, where that cannot be written, a folder in the user's cache."""
    folder = ROOT / ".venv"
    if os.access(folder if folder.exists() else ROOT, os.W_OK):
        return folder
    if sys.platform == "win32":
        cache = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        cache = Path.home() / "Library" / "Caches"
    else:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "layerloom" / hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:12]


def has_screen() -> bool:
    return not LINUX or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def missing_packages(libraries: Mapping[str, str], tools: Mapping[str, str] | None = None) -> list[str]:
    """Debian's names of what the loader or PATH does not have; always none where that is no question."""
    return [package for soname, package in libraries.items() if LINUX and not loads(soname)] + [
        package for tool, package in (tools or {}).items() if LINUX and not shutil.which(tool)
    ]


def loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def ensure_system(first: bool, testing: bool) -> None:
    """Installs what the system lacks where we are root, else says what to install.

    A second start looks only for what has changed since: a screen may have come.
    """
    root = LINUX and os.geteuid() == 0 and shutil.which("apt-get") is not None
    needed = {**(LIBRARIES if first else {}), **(SCREEN_LIBRARIES if has_screen() else {})}
    wanted = missing_packages(SCREEN_LIBRARIES if testing or (first and root) else {}, TOOLS if first else {})
    wanted += missing_packages({}, TEST_TOOLS) if testing else []
    wanted += ["python3-venv"] if first and root and not importlib.util.find_spec("ensurepip") else []
    missing = missing_packages(needed)
    if root and (missing or wanted):
        apt_install(sorted({*missing, *wanted}))
        missing = missing_packages(needed)
    if missing:
        venv = [] if importlib.util.find_spec("ensurepip") else ["python3-venv"]
        how = "sudo apt-get install" if shutil.which("apt-get") else "what your system calls"
        raise Stop(f"install these system libraries and start again: {how} {' '.join(missing + venv)}")
    if testing and wanted and not root:
        say(f"tests that need them will be skipped: sudo apt-get install {' '.join(wanted)}")


def apt_install(packages: Sequence[str]) -> None:
    """A failure is only said: what is needed is looked for again, and what is not may stay away."""
    script = """
        export DEBIAN_FRONTEND=noninteractive
        dpkg --configure -a && apt-get -q update || exit
        exec apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
    """
    title = f"system packages (80 MB to fetch, if it is all of them): {' '.join(packages)}"
    try:
        step(title, ["sh", "-c", script, "sh", *packages], let_finish=True)
    except Stop as stop:
        say(str(stop))


# ---- the environment -----------------------------------------------------------------------------


def set_up(environment: Path, testing: bool) -> None:
    """Leaves a complete environment behind; a ready one costs a few milliseconds."""
    if is_ready(environment):
        ensure_system(first=False, testing=testing)
        return
    with only_one(environment):
        ensure_system(first=True, testing=testing)
        if is_ready(environment):  # another start has made it meanwhile
            return
        began = time.monotonic()
        say(f"setting up in {environment} (once; 1.9 GB on disk)")
        build(environment)
        say(f"set up in {time.monotonic() - began:.0f} s")


def build(environment: Path) -> None:
    """All steps in order. The stamp is unready first and ready last, so a kill at any point is noticed."""
    earlier = read_stamp(environment)
    wanted = wanted_state(environment)
    wanted.setdefault("build", str(earlier.get("build") or ("cuda" if card_answers() else "cpu")))
    same = all(earlier.get(key) == wanted[key] for key in ("python", "build"))
    reusable = same and pip_works(environment)
    if not reusable:
        shutil.rmtree(environment, ignore_errors=True)
    if not reusable or earlier.get("place") != wanted["place"]:
        make_venv(environment)
    write_stamp(environment, {**wanted, "ready": False})
    drop_halves(environment)
    pip = [str(program(environment)), "-m", "pip", "install", "--no-input"]
    step(
        "Python packages without torch (270 MB to fetch, 1.1 GB on disk)",
        [*pip, "--require-hashes", "--no-deps", "-r", str(BASE_LOCK)],
    )
    install_torch(environment, pip, wanted["build"])
    step("check of the packages", [str(program(environment)), "-m", "pip", "check"])
    add_layerloom(environment)
    write_stamp(environment, {**wanted, "ready": True})


def wanted_state(environment: Path) -> dict[str, str]:
    """What an environment must have been made from to be used as it is."""
    asked = os.environ.get("LAYERLOOM_TORCH", "")
    if asked not in ("", "cpu", "cuda"):
        raise Stop(f"LAYERLOOM_TORCH is {asked!r}; set it to cpu or cuda, or unset it")
    files = hashlib.sha256(b"".join(path.read_bytes() for path in (BASE_LOCK, CUDA_LOCK, Path(__file__))))
    version = ".".join(platform.python_version_tuple()[:2])
    return {
        "place": str(environment),  # the scripts of a venv hold its path
        "files": files.hexdigest(),
        "python": f"{platform.python_implementation()} {version} {sys.platform} {platform.machine()}",
        **({"build": asked} if asked else {}),  # without a wish whatever is there will do
    }


def is_ready(environment: Path) -> bool:
    stamp = read_stamp(environment)
    usable = stamp.get("ready") is True and program(environment).exists()
    return usable and wanted_state(environment).items() <= stamp.items()


def read_stamp(environment: Path) -> dict[str, object]:
    try:
        stamp = json.loads((environment / "layerloom.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(environment: Path, stamp: Mapping[str, object]) -> None:
    partial = environment / "layerloom.json.part"
    partial.write_text(json.dumps(stamp), encoding="utf-8")
    os.replace(partial, environment / "layerloom.json")


@contextlib.contextmanager
def only_one(environment: Path) -> Iterator[None]:
    """Lets one set-up of this environment run at a time; ends with the process, however that ends."""
    environment.parent.mkdir(parents=True, exist_ok=True)
    with open(environment.with_name(environment.name + ".lock"), "a", encoding="utf-8") as handle:
        if not locked(handle.fileno()):
            say("another set-up of this checkout is running; waiting for it")
            while not locked(handle.fileno()):
                time.sleep(0.2)
        yield


def locked(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def program(environment: Path, name: str = "python") -> Path:
    return environment / ("Scripts" if sys.platform == "win32" else "bin") / name


def site_packages(environment: Path) -> Path:
    base = str(environment)
    return Path(sysconfig.get_path("purelib", "venv", {"base": base, "platbase": base}))


def drop_halves(environment: Path) -> None:
    """Makes pip install again what a kill cut short: it writes INSTALLER when all files are in place."""
    for package in site_packages(environment).glob("*.dist-info"):
        if not (package / "INSTALLER").exists():
            shutil.rmtree(package)


def pip_works(environment: Path) -> bool:
    """A folder and a `bin/python` prove nothing: a venv that failed half-way has both."""
    python = program(environment)
    command = [str(python), "-m", "pip", "--version"]
    return python.exists() and subprocess.run(command, capture_output=True, check=False).returncode == 0


def make_venv(environment: Path) -> None:
    """Debian without python3-venv has no pip to put in; its package of pip can be unpacked without root."""
    make = [sys.executable, "-m", "venv", str(environment)]
    bare = pip_works(environment) or not importlib.util.find_spec("ensurepip")
    step("environment", [*make, "--without-pip"] if bare else make)
    if pip_works(environment):
        return
    if not shutil.which("apt-get"):
        raise Stop("`python3 -m venv` does not work here; install your system's package for it")
    unpack = 'cd "$1" && apt-get -q download python3-pip-whl && dpkg -x ./*.deb .'
    with tempfile.TemporaryDirectory() as folder:
        try:
            step("pip (2 MB to fetch)", ["sh", "-c", unpack, "sh", folder])
            wheel = next(Path(folder).glob("usr/share/python-wheels/pip-*.whl"))
        except (Stop, StopIteration):
            raise Stop(
                "pip is missing; install it and start again: sudo apt-get install python3-venv"
            ) from None
        pip = [str(program(environment)), str(wheel / "pip")]
        step("pip in place", [*pip, "install", "--no-index", str(wheel)])


def card_answers() -> bool:
    smi = shutil.which("nvidia-smi")
    if not smi:
        return False
    try:
        cards = subprocess.run([smi, "-L"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return cards.returncode == 0 and "GPU" in cards.stdout


def torch_ways(environment: Path, pip: Sequence[str], build: str) -> list[tuple[str, list[str]]]:
    """Titles and commands that may bring torch, the first that works is taken.

    None of them can end in the 4.6 GB that a plain requirement brings on Linux: the CPU build is asked for by
    --no-index (a wheel that the user's pip settings offer) or through uv, which knows PyTorch's own index.
    """
    python = str(program(environment))
    uv = [python, "-m", "uv", "pip", "install", "--python", python, "--no-deps", "--compile-bytecode", TORCH]
    if build == "cuda" and LINUX:
        title = "torch with CUDA (over 2 GB to fetch, 4.6 GB on disk; LAYERLOOM_TORCH=cpu for the small one)"
        return [(title, [*pip, "--require-hashes", "--no-deps", "-r", str(CUDA_LOCK)])]
    if build == "cuda":
        return [("torch with CUDA", [*uv, "--torch-backend", "auto"])]
    if not LINUX:
        return [("torch", [*pip, "--no-deps", TORCH])]
    return [
        ("torch for the CPU, if a wheel is offered here", [*pip, "--no-index", "--no-deps", TORCH]),
        ("torch for the CPU (190 MB to fetch, 0.8 GB on disk)", [*uv, "--torch-backend", "cpu"]),
        (
            "torch for the CPU, by the system's certificates",
            [*uv, "--torch-backend", "cpu", "--system-certs"],
        ),
    ]


def install_torch(environment: Path, pip: Sequence[str], build: str) -> None:
    failure = Stop("")
    for title, command in torch_ways(environment, pip, build):
        try:
            step(title, command)
            return
        except Stop as stop:
            failure = stop
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        raise Stop("PyTorch has no builds for Intel Macs any more, so Layerloom cannot be set up here")
    raise Stop(
        f"{failure}; or put a wheel of {TORCH} into a folder, name that in PIP_FIND_LINKS and start again",
        failure.output,
    )


def add_layerloom(environment: Path) -> None:
    """Makes `layerloom` a command of the environment that runs this checkout, also after both have moved."""
    packages = site_packages(environment)
    inside = ROOT in environment.parents
    path = os.path.relpath(ROOT, packages) if inside else str(ROOT)
    (packages / "layerloom.pth").write_text(path + "\n", encoding="utf-8")
    if sys.platform == "win32":
        program(environment, "layerloom.cmd").write_text('@"%~dp0python.exe" -P -m designer %*\n')
        return
    here = '"$(dirname -- "$(readlink -f -- "$0")")'
    command = program(environment, "layerloom")
    command.write_text(f'#!/bin/sh\nexec {here}/python" -P -m designer "$@"\n')
    command.chmod(0o755)


# ---- steps ---------------------------------------------------------------------------------------


def step(title: str, command: Sequence[str], *, let_finish: bool = False) -> None:
    """Runs one step and shows its title and seconds. `let_finish`: it goes on even when we are ended.

    Raises:
        Stop: it failed.
    """
    environment = {key: value for key, value in os.environ.items() if key not in ("PIP_TARGET", "PIP_PREFIX")}
    environment.update(PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_ROOT_USER_ACTION="ignore")
    print(f"layerloom: {title} … ", end="", file=sys.stderr, flush=True)
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=let_finish,
            preexec_fn=end_with_parent if LINUX and not let_finish else None,
        )
        try:
            code = child.wait()
        finally:
            if child.poll() is None and not let_finish:
                child.kill()
                child.wait()
        seconds = f"{time.monotonic() - began:.1f} s"
        output.seek(0)
        text = output.read().decode(errors="replace")
    print(seconds if code == 0 else f"no ({seconds})", file=sys.stderr, flush=True)
    if code:
        raise explain(title, code, text)


def end_with_parent() -> None:
    """In a child: the kernel ends it when its parent is gone, so that no two pips write one environment."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1 is PR_SET_PDEATHSIG


def explain(title: str, code: int, text: str) -> Stop:
    """What to say of a step that failed, from what it wrote."""
    what = title.split(" (")[0]
    if NO_SPACE.search(text):
        return Stop(f"{what}: the disk is full; make room (2 GB; with CUDA 6 GB) and start again")
    if NO_NETWORK.search(text) and "DO NOT MATCH THE HASHES" not in text:
        return Stop(f"{what}: the network cannot be reached; connect (or set your proxy) and start again")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return Stop(f"{what}: it ended with {code} ({lines[-1] if lines else 'no message'})", text)


# ---- what is started in the environment ----------------------------------------------------------


def start(environment: Path, arguments: Sequence[str]) -> int:
    """Layerloom in our place; without arguments the window or, without a screen, the demonstration."""
    without = [] if has_screen() else ["demo"]
    command = [str(program(environment)), "-P", "-m", "designer", *(arguments or without)]
    if sys.platform == "win32":
        return subprocess.run(command, check=False).returncode
    os.execv(command[0], command)


def run_tests(environment: Path, arguments: Sequence[str]) -> int:
    """Every check, then the tests, whose closing line is the last on stdout."""
    python = str(program(environment))
    rules = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    checks = {
        "ruff check": ["-m", "ruff", "check", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "mypy": ["-m", "mypy"],
        "import rules": ["-c", rules, "--no-logo"],
    }
    failed = [title for title, check in checks.items() if follow([python, *check])]
    code = follow([python, "-m", "pytest", "-n", "2", *arguments])
    if failed:
        say(f"failed before the tests: {', '.join(failed)}")
    return code or int(bool(failed))


def follow(command: Sequence[str]) -> int:
    """Runs a command on our own output; a Ctrl-C reaches it too, and it gets the time to clean up."""
    child = subprocess.Popen(command, cwd=ROOT)
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.wait()
        raise
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
