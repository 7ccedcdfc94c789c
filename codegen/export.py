"""Writes a design as code into a folder: proved first, every file put in place whole, nobody's edits overwritten.

What was written is remembered by its hash in `.layerloom.json`, so that a file that somebody changed is noticed.
"""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from codegen.module import Printed, print_module
from codegen.prove import Proof, prove
from codegen.single import single_file as joined
from codegen.syntax import parse
from codegen.training.data_code import print_data
from codegen.training.script import print_script
from codegen.training.settings import BadTraining, read, settings_of
from graph_ir.atomic import atomic_write
from graph_ir.canonical import dump
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.report import LayerReport, Report

MANIFEST = ".layerloom.json"
DESIGN = "design.loom.json"
_HASHES = "sha256"
_NOTHING_CHOSEN = {"no-data", "no-loss", "nothing-to-train"}
_PACKAGES = {
    "torch": "torch>=2.13,<3",
    "numpy": "numpy>=2.2",
    "safetensors": "safetensors>=0.5",
    "sklearn": "scikit-learn>=1.6",
}


class Unproved(Refused):
    """The printed code was not seen to do what is drawn; `proof` says what differs. Nothing was written."""

    def __init__(self, proof: Proof) -> None:
        super().__init__(f"The code could not be proved: {proof.problems[0]}. Nothing was written.")
        self.proof = proof


class Changed(Refused):
    """A file that was written by an export has been changed by somebody since; `path` names it."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} was changed since it was written; move it away, or overwrite it with --force."
        )
        self.path = path


def export(
    design: Design,
    report: Report,
    folder: Path,
    *,
    module_only: bool = False,
    single_file: bool = False,
    force: bool = False,
    proved: bool = True,
) -> list[Path]:
    """Writes model, data, training script, runtime, requirements and the design; gives the paths.

    Where nothing is there to be trained (`without_training` says why), data, script and runtime are left out.
    Raises Refused (one sentence; nothing is written then) where the design can't be printed or trained or the folder
    can't be written, Changed where somebody changed a file there and `force` is not set, Unproved where the proof
    fails.
    """
    printed = print_module(design, report)
    if module_only:
        contents = {"model.py": printed.source}
    elif without_training(design, report):
        contents = _with_records({"model.py": printed.source}, design)
    else:
        contents = printed_files(design, report, printed)
    if single_file and "train.py" in contents:
        kept = {name: text for name, text in contents.items() if not name.endswith(".py")}
        contents = {"train.py": joined(contents, printed.class_name), **kept}
    if proved:
        proof = prove(design, report, printed)
        if not proof.ok:
            raise Unproved(proof)
    written = write(folder, {name: text.encode("utf-8") for name, text in contents.items()}, force=force)
    return [*written, *bring_files(design, report, folder)]


def bring_files(design: Design, report: Report, folder: Path) -> list[Path]:
    """Copies the files that layers name from beside the design into a folder; what is not there is left out.

    Raises Refused where one can't be copied.
    """
    if design.folder is None:
        return []
    found: list[Path] = []
    for name in sorted({name for entry in report.layers.values() for name in _files(entry)}):
        source, target = (design.folder / name).resolve(), folder / name
        inside = source.is_relative_to(design.folder.resolve())
        if not inside or not source.is_file() or source == target.resolve():
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        except OSError as error:
            raise Refused(f"{source} can't be copied to {target} ({error.strerror}); mend that.") from None
        found.append(target)
    return found


def _files(entry: LayerReport) -> list[str]:
    """The names of files that a layer which fits has in its fields."""
    layer = entry.layer if entry.inference is not None else None
    names = [getattr(layer, name) for name in layer.spec.files] if layer is not None else []
    return [name for name in names if name]


def printed_files(design: Design, report: Report, printed: Printed) -> dict[str, str]:
    """Every file of a full export by name. Raises Refused where the `training` section can't be used."""
    try:
        settings = settings_of(design, report)
        script = print_script(design, report, printed)
    except BadTraining as error:
        raise Refused(f"{error} --module-only writes the network alone.") from None
    code = {
        "model.py": printed.source,
        "data.py": print_data(settings, printed.attributes),
        "train.py": script,
        "runtime.py": (files("codegen") / "child" / "runtime.py").read_text("utf-8"),
    }
    return _with_records(code, design)


def without_training(design: Design, report: Report) -> str | None:
    """Why there is no training script to write although nothing in the section is wrong: no data set is chosen, or
    there is no loss; None where there is one to write, or something to mend."""
    settings, problems = read(design, report)
    errors = [problem for problem in problems if problem.severity == "error"]
    if settings is not None or any(problem.code not in _NOTHING_CHOSEN for problem in errors):
        return None
    return errors[0].message


def _with_records(code: Mapping[str, str], design: Design) -> dict[str, str]:
    """The sources, what they need and the design they were made from."""
    return {**code, "requirements.txt": requirements(code.values()), DESIGN: dump(design)}


def requirements(sources: Iterable[str]) -> str:
    """What has to be installed for these sources, one requirement a line."""
    nodes = [node for source in sources for node in ast.walk(parse(source))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    roots = {name.partition(".")[0] for name in names} | {"numpy"}  # torch warns where it is missing
    return "".join(f"{requirement}\n" for root, requirement in _PACKAGES.items() if root in roots)


def write(folder: Path, contents: Mapping[str, bytes], *, force: bool = False) -> list[Path]:
    """Puts files into a folder, which is made if need be. Raises Refused; then nothing has been changed."""
    known = _known(folder)
    for name, content in contents.items():
        _refuse_edited(folder / name, content, known.get(name, []), force)
    new = {name: [_hash(content)] for name, content in contents.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Both hashes until all is in place: an export cut short does not look like somebody's edit.
        _remember(folder, known, {name: [*known.get(name, []), *hashes] for name, hashes in new.items()})
        for name, content in contents.items():
            atomic_write(folder / name, content)
        _remember(folder, known, new)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Refused(
            f"{error.filename or folder} can't be written ({reason}); choose another folder."
        ) from None
    return [folder / name for name in contents]


def _refuse_edited(path: Path, content: bytes, known: list[str], force: bool) -> None:
    if path.is_symlink():
        raise Refused(f"{path} is a link, and what it leads to is not this folder's; remove it.")
    if force or not path.exists():
        return
    try:
        found = path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} is in the way and can't be read ({error.strerror}); remove it.") from None
    if found != content and _hash(found) not in known:
        raise Changed(path)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _known(folder: Path) -> dict[str, list[str]]:
    """What an earlier export wrote; nothing where its manifest is missing or damaged."""
    try:
        found: Any = json.loads((folder / MANIFEST).read_bytes())[_HASHES]
        return {str(name): [str(one) for one in hashes] for name, hashes in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _remember(folder: Path, known: Mapping[str, list[str]], new: Mapping[str, list[str]]) -> None:
    text = json.dumps({"written by": "layerloom export", _HASHES: {**known, **new}}, indent=1, sort_keys=True)
    atomic_write(folder / MANIFEST, f"{text}\n".encode())
