"""Writes a design as code into a folder: proved first, every file put in place whole, nobody's edits overwritten."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from codegen.folder import Content, Written, refuse_occupied, write
from codegen.module import Printed, print_module
from codegen.notebook import IMPORTS, file_name, print_notebook
from codegen.onnx_export import NAME, print_onnx
from codegen.prove import Proof, prove
from codegen.single import single_file as joined
from codegen.syntax import parse
from codegen.training.data_code import print_data
from codegen.training.script import print_script
from codegen.training.settings import BadTraining, read, settings_of
from graph_ir.canonical import dump
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.report import LayerReport, Report

DESIGN, PROOF = "design.loom.json", "proof.json"
_NOTHING_CHOSEN = {"no-data", "no-loss", "nothing-to-train"}
_PACKAGES = {
    "torch": "torch>=2.13,<3",
    "numpy": "numpy>=2.2",
    "safetensors": "safetensors>=0.5",
    "sklearn": "scikit-learn>=1.6",
    "matplotlib": "matplotlib>=3.9",
}


class Unproved(Refused):
    """The printed code was not seen to do what is drawn; `proof` says what differs. Nothing was written."""

    def __init__(self, proof: Proof) -> None:
        more = f" (and {len(proof.problems) - 1} more)" if len(proof.problems) > 1 else ""
        super().__init__(f"The code could not be proved: {proof.problems[0]}{more}. Nothing was written.")
        self.proof = proof


def export(
    design: Design,
    report: Report,
    folder: Path,
    *,
    module_only: bool = False,
    single_file: bool = False,
    notebook: bool = False,
    onnx: bool = False,
    weights: Path | None = None,
    force: bool = False,
    proved: bool = True,
) -> Written:
    """Writes model, data, training script, runtime, requirements, the design and the verdict of the proof.

    Where nothing is there to be trained (`without_training` says why), data, script and runtime are left out. What an
    earlier export wrote and this one does not is taken away, unless somebody has changed it. `onnx` adds `model.onnx`,
    verified, with these trained `weights` or with first values.
    Raises Refused (one sentence; nothing is written then) where the design can't be printed or trained or the folder
    can't be written, Changed (with the differences) where somebody's work is there and `force` is not set, Unproved
    where the proof fails.
    """
    printed = print_module(design, report)
    texts = _texts(design, report, printed, module_only=module_only, single_file=single_file)
    contents: dict[str, Content] = {name: text.encode("utf-8") for name, text in texts.items()}
    if notebook:
        contents = _notebook(design, report, printed, texts)
    brought = {name: file for name, file in _brought(design, report, folder).items() if name not in contents}
    refuse_occupied(
        folder, {**contents, **brought}, force=force
    )  # at once, not after a proof of some seconds
    verdict = _verdict(design, report, printed) if proved else {}
    with TemporaryDirectory(prefix="layerloom-onnx-") as scratch:
        verified = print_onnx(design, report, printed, Path(scratch), weights) if onnx else None
        if verdict and verified:
            verdict["onnx"] = verified.as_json()
        if verdict and not module_only:
            contents[PROOF] = f"{json.dumps(verdict, indent=1)}\n".encode()
        binary = verified.files if verified else {}
        written = write(folder, {**contents, **brought, **binary}, force=force)
    return replace(written, notes=(f"{folder / NAME}: {verified.sentence()}",) if verified else ())


def _texts(
    design: Design, report: Report, printed: Printed, *, module_only: bool, single_file: bool
) -> dict[str, str]:
    """The printed files by name."""
    if module_only:
        return {"model.py": printed.source}
    if without_training(design, report):
        return _with_records({"model.py": printed.source}, design)
    texts = printed_files(design, report, printed)
    return {"train.py": joined(texts, printed.class_name), **_records(texts)} if single_file else texts


def _verdict(design: Design, report: Report, printed: Printed) -> dict[str, Any]:
    """What was compared with which versions. Raises Unproved."""
    proof = prove(design, report, printed)
    if not proof.ok:
        raise Unproved(proof)
    return proof.as_json()


def _notebook(
    design: Design, report: Report, printed: Printed, texts: Mapping[str, str]
) -> dict[str, Content]:
    """The notebook in the place of the sources that it joins."""
    sources = {name: text for name, text in texts.items() if name.endswith(".py")}
    trains = "train.py" in sources
    epochs = settings_of(design, report).epochs if trains else 0
    needed = requirements([*sources.values(), IMPORTS if trains else ""])
    found = print_notebook(
        design, report, sources, printed.class_name, epochs=epochs, requirements=needed.split("\n")[:-1]
    )
    records = {**_records(texts), "requirements.txt": needed}
    return {file_name(design): found, **{name: text.encode("utf-8") for name, text in records.items()}}


def _records(texts: Mapping[str, str]) -> dict[str, str]:
    """What of these files is no source."""
    return {name: text for name, text in texts.items() if not name.endswith(".py")}


def bring_files(design: Design, report: Report, folder: Path) -> list[Path]:
    """Copies the files that layers name from beside the design into a folder; what is not there is left out.

    Raises Refused where one can't be copied.
    """
    found = _brought(design, report, folder)
    for name, source in found.items():
        target = folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        except OSError as error:
            raise Refused(f"{source} can't be copied to {target} ({error.strerror}); mend that.") from None
    return [folder / name for name in found]


def _brought(design: Design, report: Report, folder: Path) -> dict[str, Path]:
    """The files beside the design that layers name, by that name; not those that lie in this folder anyway."""
    if design.folder is None:
        return {}
    names = sorted({name for entry in _entries(report) for name in _files(entry)})
    found = {name: (design.folder / name).resolve() for name in names}
    home = design.folder.resolve()
    return {
        name: source
        for name, source in found.items()
        if source.is_relative_to(home) and source.is_file() and source != (folder / name).resolve()
    }


def _entries(report: Report) -> Iterator[LayerReport]:
    """Every layer, those in blocks too."""
    waiting = [report]
    while waiting:
        for entry in waiting.pop().layers.values():
            yield entry
            waiting += [nested.report for nested in entry.nested if nested.report is not None]


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
