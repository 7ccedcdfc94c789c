"""Writing into a folder that exists: what we wrote is replaced or taken away, what somebody changed never is."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen import folder as writing
from codegen.difference import LINES, difference
from codegen.folder import MANIFEST, Changed, write
from graph_ir.edits import Refused

OLD = {"model.py": b"one\ntwo\nthree\n", "train.py": b"train\n"}
NEW = {"model.py": b"one\n2\nthree\n", "train.py": b"train\n"}


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_what_nobody_changed_is_replaced(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    done = write(tmp_path, NEW)
    assert {path.name: path.read_bytes() for path in done.paths} == NEW
    assert (done.removed, done.kept) == ((), ())


def test_what_somebody_changed_is_kept_and_the_difference_is_shown(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    (tmp_path / "model.py").write_text("one\ntwo\nmine\n")
    (tmp_path / "train.py").write_text("my train\n")
    before = contents(tmp_path)
    with pytest.raises(Changed, match=r"model\.py and 1 other were changed by somebody") as caught:
        write(tmp_path, NEW)
    assert contents(tmp_path) == before
    model, train = caught.value.changes
    assert (model.path, train.path) == (tmp_path / "model.py", tmp_path / "train.py")
    assert model.difference.splitlines() == [
        "--- model.py (as it is)",
        "+++ model.py (to be written)",
        "@@ -1,3 +1,3 @@",
        " one",
        "-two",
        "-mine",
        "+2",
        "+three",
    ]
    assert "-my train" in train.difference
    write(tmp_path, NEW, force=True)
    assert (tmp_path / "model.py").read_bytes() == NEW["model.py"]


def test_a_file_of_somebody_else_is_kept(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("mine")
    with pytest.raises(Changed, match=r"model\.py was changed by somebody.*--force"):
        write(tmp_path, NEW)
    assert contents(tmp_path) == {"model.py": b"mine"}


def test_what_is_there_as_it_would_be_written_is_nobodys_edit(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_bytes(NEW["model.py"])
    write(tmp_path, NEW)
    assert write(tmp_path, OLD).paths


def test_what_is_no_longer_written_goes(tmp_path: Path) -> None:
    write(tmp_path, {**OLD, "vectors/glove.txt": b"the 1 2"})
    (tmp_path / "notes.txt").write_text("mine")
    done = write(tmp_path, {"model.py": b"new"})
    assert {path.name for path in done.removed} == {"train.py", "glove.txt"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [MANIFEST, "model.py", "notes.txt"]


def test_what_is_no_longer_written_but_changed_stays(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    (tmp_path / "train.py").write_text("mine")
    for force in (False, True):
        done = write(tmp_path, {"model.py": b"new"}, force=force)
        assert (tmp_path / "train.py").read_text() == "mine"
        assert done.removed == ()
    with pytest.raises(Changed, match=r"train\.py"):
        write(tmp_path, OLD)


def test_who_puts_an_earlier_version_back_means_it(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    write(tmp_path, NEW)
    (tmp_path / "model.py").write_bytes(OLD["model.py"])
    with pytest.raises(Changed, match=r"model\.py"):
        write(tmp_path, NEW)


def test_what_is_no_longer_written_and_gone_is_forgotten(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    (tmp_path / "train.py").unlink()
    done = write(tmp_path, {"model.py": b"new"})
    assert (done.removed, done.kept) == ((), ())


def test_files_of_any_size_are_copied_and_never_over_somebodys_own(tmp_path: Path) -> None:
    source, out = tmp_path / "glove.txt", tmp_path / "out"
    source.write_bytes(b"the 1 2")
    write(out, {"vectors/glove.txt": source})
    source.write_bytes(b"the 3 4")
    write(out, {"vectors/glove.txt": source})
    assert contents(out)["vectors/glove.txt"] == b"the 3 4"
    (out / "vectors" / "glove.txt").write_bytes(b"mine")
    with pytest.raises(Changed) as caught:
        write(out, {"vectors/glove.txt": source})
    assert str(source) in caught.value.changes[0].difference


@pytest.mark.parametrize("name", ["model.py", MANIFEST])
def test_nothing_is_written_through_a_link(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / name).symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(Refused, match="is a link"):
        write(folder, NEW, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in folder.iterdir()] == [name]


def test_a_folder_in_the_place_of_a_file_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "train.py").mkdir()
    with pytest.raises(Refused, match=r"train\.py is a folder"):
        write(tmp_path, NEW, force=True)
    assert not (tmp_path / "model.py").exists()


@pytest.mark.parametrize(
    "manifest",
    [b"{", b"[]", b'{"sha256": 3}', b'{"sha256": {"model.py": 3}}', b"\xff", b"[" * 100_000],
    ids=range(6),
)
def test_a_damaged_manifest_counts_as_none(manifest: bytes, tmp_path: Path) -> None:
    write(tmp_path, {"model.py": b"a"})
    (tmp_path / MANIFEST).write_bytes(manifest)
    write(tmp_path, {"model.py": b"a"})
    (tmp_path / MANIFEST).write_bytes(manifest)
    with pytest.raises(Changed):
        write(tmp_path, {"model.py": b"b"})


@pytest.mark.parametrize(
    "name", ["../mine.txt", "{}/mine.txt", "sub/../../mine.txt", "link/mine.txt", "a\\u0000b"]
)
def test_a_manifest_can_make_nothing_go_outside_the_folder(name: str, tmp_path: Path) -> None:
    """The folder came from somebody else, and its manifest names a file of ours."""
    mine, out = tmp_path / "mine.txt", tmp_path / "out"
    mine.write_bytes(b"mine")
    (out / "sub").mkdir(parents=True)
    (out / "link").symlink_to(tmp_path)
    write(out, {"model.py": b"a"})
    digest = hashlib.sha256(b"mine").hexdigest()
    text = json.dumps({"sha256": {name.replace("{}", str(tmp_path)): [digest]}}).replace("\\\\", "\\")
    (out / MANIFEST).write_text(text)
    assert write(out, {"model.py": b"a"}).removed == ()
    assert mine.read_bytes() == b"mine"


def test_an_export_cut_short_can_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at the second file: the next export takes what was written for its own."""
    write(tmp_path, {"model.py": b"old", "data.py": b"old", "train.py": b"old"})
    real = writing.atomic_write

    def full(path: Path, data: bytes) -> None:
        if path.name == "data.py":
            raise OSError(28, "No space left on device", str(path))
        real(path, data)

    monkeypatch.setattr(writing, "atomic_write", full)
    with pytest.raises(Refused, match="No space left"):
        write(tmp_path, {"model.py": b"new", "data.py": b"new"})
    assert (tmp_path / "data.py").read_bytes() == b"old"
    monkeypatch.undo()
    done = write(tmp_path, {"model.py": b"newer", "data.py": b"newer"})
    assert (tmp_path / "model.py").read_bytes() == b"newer"
    assert [path.name for path in done.removed] == ["train.py"]


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="can't be written"):
        write(tmp_path / "file", {"model.py": b""})


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    yield folder
    folder.chmod(0o755)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(read_only: Path) -> None:
    with pytest.raises(Refused, match="can't be written"):
        write(read_only, {"model.py": b""})


@pytest.mark.parametrize(
    ("there", "wanted", "said"),
    [
        (b"\xff\x00", b"text\n", "no text"),
        (b"a" * (1 << 21), b"b\n", "too large to compare"),
        (b"one\r\ntwo\r\n", b"one\ntwo\n", "only the ends of its lines differ"),
        (b"one", b"one\n", "only the ends of its lines differ"),
    ],
    ids=["binary", "large", "line ends", "last line"],
)
def test_what_cannot_be_compared_line_by_line_is_said(there: bytes, wanted: bytes, said: str) -> None:
    told = difference("x", there, wanted)
    assert said in told and "\n" not in told


def test_a_long_difference_is_shortened() -> None:
    there = "".join(f"{'x' * 500} {i}\n" for i in range(500)).encode()
    lines = difference("x", there, b"").splitlines()
    assert len(lines) == LINES + 1 and max(map(len, lines)) <= 160
    assert lines[-1] == f"… and {500 + 3 - LINES:,} more lines"
    assert difference("x", there, there) == ""
