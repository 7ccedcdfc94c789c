"""Commands that make files from designs: new, format, export, and the proof."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path

from designer.commandline.look import opened
from designer.commandline.output import FAILED, FINE, WRONG, Failure, need_torch, result, say, show
from graph_ir.atomic import atomic_write
from graph_ir.canonical import dump
from graph_ir.check import check
from graph_ir.file import SUFFIX, Unreadable, read
from graph_ir.resolve import layer_type


def new(options: Namespace) -> int:
    """Writes a template as a design of one's own."""
    from graph_ir.templates import BadParameter, NoTemplate, load, set_parameter

    try:
        design = load(options.template)
        for name, text in settings(options.settings):
            set_parameter(design, name, text)
    except NoTemplate as error:
        raise Failure(f"layerloom new: {error.text}", WRONG) from None
    except BadParameter as error:
        raise Failure(f"layerloom new: {error}", WRONG) from None
    errors = [problem for problem in check(design).problems if problem.severity == "error"]
    if errors:
        raise Failure(f"layerloom new: with these values {errors[0].message}; nothing was written")
    text = dump(design)
    if options.output == "-":
        sys.stdout.write(text)
        return FINE
    path = Path(options.output or options.template + SUFFIX)
    _refuse_to_replace(path, text, options.force)
    atomic_write(path, text.encode())
    result(str(path))
    return FINE


def _refuse_to_replace(path: Path, text: str, force: bool) -> None:
    if force or not os.path.lexists(path):
        return
    if path.is_dir():
        raise Failure(f"{path}: is a folder; give the name of a file in it")
    if not path.is_file() or path.read_bytes() != text.encode():
        raise Failure(f"{path}: is there already and was not replaced; choose another name, or give --force")


def settings(given: list[str]) -> list[tuple[str, str]]:
    """The pairs of `--set key=value …`. Raises Failure for one without a key or an equals sign."""
    pairs = []
    for text in given:
        key, sign, value = text.partition("=")
        if not key or not sign:
            raise Failure(f"layerloom: --set takes key=value, not {text[:60]!r}", WRONG)
        pairs.append((key, value))
    return pairs


def format_files(options: Namespace) -> int:
    """Canonical bytes for every file; the worst exit code."""
    worst = FINE
    for file in options.files:
        try:
            changed = _format_one(file, write=not options.check)
        except Unreadable as error:
            say(error.text)
            worst = WRONG
            continue
        if changed:
            result(file)
            worst = max(worst, FAILED if options.check else FINE)
    return worst


def _format_one(file: str, *, write: bool) -> bool:
    text = dump(read(file)).encode()
    if Path(file).read_bytes() == text:
        return False
    if write:
        atomic_write(file, text)
    return True


def export(options: Namespace) -> int:
    """PyTorch code, proved unless told not to; nothing is written if the proof fails or somebody's work is there."""
    from codegen.export import export as write_code
    from codegen.export import without_training
    from codegen.folder import Changed

    if options.weights and not options.onnx:
        raise Failure("layerloom export: --weights are for the file that --onnx writes; give both", WRONG)
    design, report = opened(options.file)
    if not options.no_prove:
        need_torch("prove the code (`--no-prove` writes it unproved)")
    try:
        written = write_code(
            design,
            report,
            Path(options.output),
            module_only=options.module_only,
            single_file=options.single_file,
            notebook=options.notebook,
            onnx=options.onnx,
            weights=Path(options.weights) if options.weights else None,
            force=options.force,
            proved=not options.no_prove,
        )
    except Changed as error:
        for change in error.changes:
            show(change.difference)
        raise
    for path in written.paths:
        result(str(path))
    for note in written.notes:
        say(note)
    for path in written.removed:
        say(f"{path}: removed; this export writes it no longer, and nobody had changed it")
    for path in written.kept:
        say(f"{path}: kept, though this export writes it no longer: somebody has changed it")
    why = None if options.module_only else without_training(design, report)
    if why:
        say(f"{options.file}: written without a training script. {why}")
    return FINE


def prove(options: Namespace) -> int:
    """Runs the generated module on real torch and compares every shape and parameter with the drawing."""
    from codegen.prove import prove as run_proof

    need_torch("prove the code")
    design, report = opened(options.file)
    proof = run_proof(design, report)
    for problem in proof.problems:
        say(f"{options.file}: {problem}")
    if not proof.ok:
        types = (layer_type(node, graph) for graph in design.networks.values() for node in graph)
        own = any(cls.spec.own_ports for cls in types if cls is not None)
        remedy = "mend what you declared of your own modules" if own else "report this with the design"
        raise Failure(f"{options.file}: the code does not do what is drawn; {remedy}")
    versions = ", ".join(f"{name} {version}" for name, version in proof.versions.items())
    result(f"{options.file}: proved in {proof.seconds:.1f} s ({versions})")
    return FINE
