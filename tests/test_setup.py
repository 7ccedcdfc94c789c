"""Tests of what run.py decides; that it really sets up is seen by whoever runs ./test."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import run
from designer import doctor

LOCKED = re.compile(r"^([a-z0-9-]+)==", re.MULTILINE)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like an environment, with settings that do not depend on this machine."""
    monkeypatch.delenv("LAYERLOOM_TORCH", raising=False)
    folder = tmp_path / "some where" / ".venv"
    python = run.program(folder)
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return folder


def stamp(environment: Path, *, ready: bool) -> None:
    run.write_stamp(environment, {**run.wanted_state(environment), "build": "cpu", "ready": ready})


def fake_tool(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_an_environment_is_ready_only_when_its_stamp_says_so(environment: Path) -> None:
    assert not run.is_ready(environment)
    stamp(environment, ready=False)
    assert not run.is_ready(environment)
    stamp(environment, ready=True)
    assert run.is_ready(environment)


def test_an_environment_whose_python_is_gone_is_not_ready(environment: Path) -> None:
    stamp(environment, ready=True)
    run.program(environment).unlink()
    assert not run.is_ready(environment)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b'{"ready": true}'])
def test_a_damaged_stamp_is_no_stamp(environment: Path, text: bytes) -> None:
    (environment / "layerloom.json").write_bytes(text)
    assert not run.is_ready(environment)


@pytest.mark.parametrize(("wish", "ready"), [("", True), ("cpu", True), ("cuda", False)])
def test_only_a_wish_for_another_build_of_torch_asks_for_a_new_set_up(
    environment: Path, monkeypatch: pytest.MonkeyPatch, wish: str, ready: bool
) -> None:
    stamp(environment, ready=True)
    monkeypatch.setenv("LAYERLOOM_TORCH", wish)
    assert run.is_ready(environment) == ready


def test_a_moved_checkout_asks_for_a_new_set_up(environment: Path, tmp_path: Path) -> None:
    stamp(environment, ready=True)
    moved = environment.rename(tmp_path / "moved")
    assert not run.is_ready(moved)


def test_an_unknown_torch_wish_is_refused(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLOOM_TORCH", "gpu")
    with pytest.raises(run.Stop, match="LAYERLOOM_TORCH is 'gpu'; set it to cpu or cuda"):
        run.wanted_state(environment)


def test_a_package_that_a_kill_cut_short_is_dropped(environment: Path) -> None:
    packages = run.site_packages(environment)
    for name, file in (("whole-1.dist-info", "INSTALLER"), ("half-1.dist-info", "METADATA")):
        (packages / name).mkdir(parents=True)
        (packages / name / file).touch()
    run.drop_halves(environment)
    assert [path.name for path in packages.iterdir()] == ["whole-1.dist-info"]


@pytest.mark.skipif(shutil.which("sh") is None, reason="the tool is written in sh")
@pytest.mark.parametrize(
    ("script", "answers"),
    [
        ("echo 'GPU 0: NVIDIA H200 (UUID: GPU-1)'", True),
        ("echo 'No devices were found'", False),
        ("echo 'GPU 0: lost'; exit 9", False),
    ],
)
def test_a_card_counts_only_when_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, answers: bool
) -> None:
    fake_tool(tmp_path / "bin", "nvidia-smi", script)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    assert run.card_answers() == answers


def test_no_card_tool_is_no_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not run.card_answers()


@pytest.mark.skipif(not run.LINUX, reason="only Linux has the two builds under one name")
@pytest.mark.parametrize("build", ["cpu", "cuda"])
def test_torch_is_never_a_plain_requirement_on_linux(environment: Path, build: str) -> None:
    for _, command in run.torch_ways(environment, ["pip", "install"], build):
        guarded = {"--no-index", "--require-hashes", "--torch-backend"} & set(command)
        assert guarded and "--no-deps" in command


def test_the_base_lock_brings_no_torch_and_all_it_needs() -> None:
    base = set(LOCKED.findall(run.BASE_LOCK.read_text()))
    cuda = set(LOCKED.findall(run.CUDA_LOCK.read_text()))
    assert not [name for name in base if name == "torch" or name.startswith(("nvidia", "cuda", "triton"))]
    assert {"torch", "triton"} <= cuda
    rest = {name for name in cuda - base if not name.startswith(("nvidia-", "cuda-"))}
    assert rest == {"torch", "triton"}
    assert f"\n{run.TORCH} " in run.CUDA_LOCK.read_text()


@pytest.mark.parametrize("lock", [run.BASE_LOCK, run.CUDA_LOCK], ids=lambda path: path.name)
def test_every_locked_package_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    for entry in re.split(r"\n(?=[a-z])", text[text.index("\n", text.rindex("#")) + 1 :]):
        assert "--hash=sha256:" in entry, entry


def test_missing_packages_are_named_as_debian_names_them() -> None:
    libraries = {"libc.so.6": "libc6", "libnowhere.so.9": "libnowhere9"}
    tools = {"sh": "dash", "no-such-tool": "no-such-package"}
    expected = ["libnowhere9", "no-such-package"] if run.LINUX else []
    assert run.missing_packages(libraries, tools) == expected


def test_the_doctor_names_the_packages_that_set_up_looks_for() -> None:
    named = set(doctor.QT_PACKAGES.split())
    assert named | {"libx11-6", "libxext6", "libxrender1"} == {
        *run.LIBRARIES.values(),
        *run.SCREEN_LIBRARIES.values(),
    }


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: [Errno 28] No space left on device", "torch: the disk is full; make room"),
        (
            "NewConnectionError(…): Failed to establish a new connection",
            "torch: the network cannot be reached",
        ),
        ("  cause: dns error", "torch: the network cannot be reached"),
        ("Connection refused\nDO NOT MATCH THE HASHES\n", "torch: it ended with 2 (DO NOT MATCH THE HASHES)"),
        ("one\nERROR: hashes do not match\n", "torch: it ended with 2 (ERROR: hashes do not match)"),
        ("", "torch: it ended with 2 (no message)"),
    ],
)
def test_a_failed_step_is_explained_in_one_sentence(output: str, sentence: str) -> None:
    stop = run.explain("torch (190 MB to fetch)", 2, output)
    assert str(stop).startswith(sentence)
    assert "\n" not in str(stop)


def test_a_step_shows_its_seconds_and_keeps_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    run.step("one step (1 MB)", [sys.executable, "-c", "print('chatter')"])
    out, err = capfd.readouterr()
    assert out == ""
    assert re.fullmatch(r"layerloom: one step \(1 MB\) … \d+\.\d s\n", err)


def test_a_failed_step_keeps_what_it_wrote() -> None:
    with pytest.raises(run.Stop, match="one step: it ended with 3") as caught:
        run.step("one step", [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"])
    assert caught.value.output == "the reason\n"


def test_pip_settings_that_would_leave_the_environment_are_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_TARGET", "elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "kept")
    code = (
        "import os; print(*(os.environ.get('PIP_' + k) for k in ('TARGET', 'USER', 'FIND_LINKS'))); exit(1)"
    )
    with pytest.raises(run.Stop) as caught:
        run.step("settings", [sys.executable, "-c", code])
    assert caught.value.output.split() == ["None", "0", "kept"]


@pytest.mark.skipif(not run.LINUX, reason="the kernel's parent-death signal is Linux's")
def test_a_step_ends_with_its_parent_however_that_ends(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    sleeper = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    starter = f"import sys, run; run.step('sleep', [sys.executable, '-c', {sleeper!r}])"
    parent = subprocess.Popen([sys.executable, "-c", starter], cwd=run.ROOT, stderr=subprocess.DEVNULL)
    wait_until(lambda: mark.exists() and mark.read_text() != "")
    parent.kill()
    parent.wait()
    wait_until(lambda: not alive(int(mark.read_text())))


def test_two_set_ups_of_one_environment_run_one_after_the_other(environment: Path) -> None:
    order = []

    def second() -> None:
        with run.only_one(environment):
            order.append("second")

    with run.only_one(environment):
        other = threading.Thread(target=second)
        other.start()
        other.join(0.3)
        order.append("first")
    other.join(5)
    assert order == ["first", "second"]


def test_two_environments_do_not_wait_for_one_another(tmp_path: Path) -> None:
    with run.only_one(tmp_path / "one"), run.only_one(tmp_path / "two"):
        assert (tmp_path / "one.lock").exists()


def test_a_checkout_that_cannot_be_written_uses_the_users_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run.os, "access", lambda *_: False)
    monkeypatch.setattr(run, "LINUX", True)
    monkeypatch.setattr(run.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(run, "ROOT", Path("/one/checkout"))
    first = run.environment_folder()
    assert first.parent == tmp_path / "layerloom"
    monkeypatch.setattr(run, "ROOT", Path("/another/checkout"))
    assert run.environment_folder() != first


@pytest.mark.skipif(sys.platform == "win32", reason="the command is a .cmd there")
def test_the_command_of_an_environment_finds_its_checkout_after_a_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "the checkout"
    (checkout / "designer").mkdir(parents=True)
    (checkout / "designer" / "__init__.py").touch()
    (checkout / "designer" / "__main__.py").write_text("import sys; print(__file__, *sys.argv[1:])")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", checkout / ".venv"], check=True)
    monkeypatch.setattr(run, "ROOT", checkout)
    run.add_layerloom(checkout / ".venv")

    moved = checkout.rename(tmp_path / "moved away")
    (tmp_path / "designer").mkdir()  # a folder of that name where the user is must not win
    done = subprocess.run(
        [run.program(moved / ".venv", "layerloom"), "check", "a b.loom.json"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == f"{moved / 'designer' / '__main__.py'} check a b.loom.json", done.stderr


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A set-up checkout whose program only tells how it was started."""
    folder = tmp_path / "a check out"
    (folder / "designer").mkdir(parents=True)
    (folder / "designer" / "__init__.py").touch()
    (folder / "designer" / "__main__.py").write_text("import sys; print(*sys.argv[1:], sep='|'); sys.exit(7)")
    for name in ("run", "run.py", "requirements"):
        (shutil.copytree if name == "requirements" else shutil.copy)(run.ROOT / name, folder / name)
    environment = folder / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    for variable in ("LAYERLOOM_TORCH", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    with monkeypatch.context() as there:
        there.setattr(run, "ROOT", folder)
        run.add_layerloom(environment)
    stamp(environment, ready=True)
    monkeypatch.setenv("PATH", str(environment / "bin"), prepend=os.pathsep)
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="./run is a sh script")
def test_a_second_start_adds_less_than_a_second(checkout: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    done = subprocess.run(
        [checkout / "run", "check", "a b", "*"], cwd=tmp_path, capture_output=True, check=False
    )
    seconds = time.monotonic() - began
    assert (done.returncode, done.stdout, done.stderr) == (7, b"check|a b|*\n", b"")
    assert seconds < 1.0


@pytest.mark.skipif(sys.platform == "win32", reason="./run is a sh script")
def test_run_is_found_through_a_link_and_ignores_the_users_python_path(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loom").symlink_to(checkout / "run")
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    done = subprocess.run([tmp_path / "loom", "x"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (7, "x\n"), done.stderr


@pytest.mark.skipif(not run.LINUX, reason="only Linux can be without a screen")
def test_without_a_screen_the_start_is_the_demonstration(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(run.os, "execv", lambda _, command: started.append(command[4:]))
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    run.start(environment, [])
    run.start(environment, ["check", "x"])
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    run.start(environment, [])
    assert started == [["demo"], ["check", "x"], []]


def test_an_old_python_starts_over_with_a_newer_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_tool(tmp_path, "python3.14", "exit 1")  # a shim without a version behind it
    fake_tool(tmp_path, "python3.12", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(run, "OLDEST", (99,))
    started: list[list[str]] = []
    monkeypatch.setattr(run.os, "execv", lambda _, command: started.append(command))
    # A real execv does not come back; this one does, and the search ends with the refusal.
    with pytest.raises(run.Stop, match=r"install Python 3\.11 or newer"):
        run.ensure_python(["check"])
    assert started[0] == [str(tmp_path / "python3.12"), run.__file__, "check"]


def test_run_py_is_read_by_old_pythons_far_enough_to_refuse() -> None:
    ast.parse(Path(run.__file__).read_text(), feature_version=(3, 8))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
