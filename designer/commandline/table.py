"""Every command and what it takes: the one table from which parsers, help and `docs/commands.md` are made."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

SUMMARY = "Draw a neural network, always know its shapes, and take away code, diagrams and a trained model."
EXIT_CODES = (
    "Exit codes: 0 fine; 1 the design has errors, or the job failed; 2 wrong usage or an unreadable file; "
    "130 stopped by Ctrl-C."
)


@dataclass(frozen=True)
class Command:
    """One command: a line of help, more about it, its arguments, and the function that runs it ("module:name")."""

    help: str
    about: str
    run: str
    arguments: Callable[[ArgumentParser], None] = lambda parser: None
    several: Mapping[str, Callable[[str], bool]] = field(default_factory=dict)
    """Options that several values may follow, and what such a value looks like."""


def _gui(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", nargs="?", help="the design to open")
    parser.add_argument(
        "--screenshot", metavar="OUT.png", help="write one picture of the window there, and exit"
    )


def _templates(parser: ArgumentParser) -> None:
    _format(parser, "text", "json")


def _new(parser: ArgumentParser) -> None:
    parser.add_argument("template", metavar="TEMPLATE", help="a name that `layerloom templates` lists")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="where to write it (TEMPLATE.loom.json; `-` is stdout)"
    )
    _settings(parser, "a parameter of the network, such as num_classes=5; several may follow")
    parser.add_argument("--force", action="store_true", help="replace a file that is already there")


def _layers(parser: ArgumentParser) -> None:
    parser.add_argument("type", metavar="TYPE", nargs="?", help="only this layer type")
    _format(parser, "text", "json", "md")


def _check(parser: ArgumentParser) -> None:
    _files(parser)
    _format(parser, "text", "json")


def _summary(parser: ArgumentParser) -> None:
    _files(parser)
    _format(parser, "text", "json", "csv", "md", "latex")


def _render(parser: ArgumentParser) -> None:
    from designer.commandline.picture import add_options

    _file(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        action="append",
        required=True,
        help="where to draw, one or several; the suffix chooses: svg, pdf, png, dot, mmd, tex",
    )
    add_options(parser)


def _export(parser: ArgumentParser) -> None:
    _file(parser)
    parser.add_argument("-o", "--output", metavar="DIR", required=True, help="the folder to write into")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--single-file", action="store_true", help="everything in one train.py")
    form.add_argument("--module-only", action="store_true", help="just model.py")
    form.add_argument(
        "--notebook",
        action="store_true",
        help="everything in one Jupyter notebook, with the diagram and the curves of the training",
    )
    parser.add_argument("--onnx", action="store_true", help="model.onnx too, verified with onnxruntime")
    parser.add_argument(
        "--weights",
        metavar="FILE",
        help="the trained weights for --onnx, weights.safetensors of a run (else first values)",
    )
    parser.add_argument("--no-prove", action="store_true", help="do not run the module on real torch first")
    parser.add_argument("--force", action="store_true", help="overwrite files that somebody has changed")


def _train(parser: ArgumentParser) -> None:
    _file(parser)
    parser.add_argument(
        "--run-dir", metavar="DIR", help="the run's folder (runs/ and a new name beside the design)"
    )
    parser.add_argument(
        "--epochs", metavar="N", type=_at_least_one, help="instead of the design's own number"
    )
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda", "mps"),
        default="auto",
        help="where to train (auto: the best there is)",
    )
    _settings(
        parser,
        "a setting of the file's `training` section by its dotted path, such as optimizer.lr=0.01; several may follow",
    )
    parser.add_argument(
        "--allow-data",
        metavar="PATH",
        action="append",
        default=[],
        help="data outside the design's folder that may be read; may be repeated",
    )


def _demo(parser: ArgumentParser) -> None:
    parser.add_argument("-o", "--output", metavar="DIR", help="the folder to write into (layerloom-demo)")


def _format_command(parser: ArgumentParser) -> None:
    _files(parser)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit code 1 if a file would change"
    )


def _file(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a design, *.loom.json")


def _files(parser: ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILES", nargs="+", help="designs, *.loom.json")


def _format(parser: ArgumentParser, *formats: str) -> None:
    parser.add_argument(
        "--format", choices=formats, default=formats[0], help=f"form of the result ({formats[0]})"
    )


def _settings(parser: ArgumentParser, help: str) -> None:
    parser.add_argument("--set", metavar="key=value", dest="settings", action="append", default=[], help=help)


def _at_least_one(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:19]) < 1:
        raise ArgumentTypeError(f"must be an integer of at least 1, not {text!r}")
    return int(text[:19])


def _is_setting(text: str) -> bool:
    return "=" in text and not text.startswith("-")


def _is_picture(text: str) -> bool:
    return text.lower().endswith((".svg", ".pdf", ".png", ".dot", ".mmd", ".tex")) and not text.startswith(
        "-"
    )


COMMANDS: Mapping[str, Command] = {
    "gui": Command(
        "the window",
        "Opens the window; without a command, too. Needs `[gui]`.",
        "designer.commandline.window:gui",
        _gui,
    ),
    "templates": Command(
        "the gallery",
        'json: `[{"name","title","group","summary","parameters","data"}]`.',
        "designer.commandline.look:templates",
        _templates,
    ),
    "new": Command(
        "a design from a template",
        "Writes the template as a design of your own; a file that is there with other contents is not replaced.",
        "designer.commandline.make:new",
        _new,
        {"--set": _is_setting},
    ),
    "layers": Command(
        "the layer reference",
        'json: `[{"type","category","summary","fields":[{"name","kind","required","default","start","help"}],'
        '"inputs":[{"name","axes","variadic","optional"}],"outputs":[{"name","axes"}],"source"}]`; '
        "`start` is what the palette proposes.",
        "designer.commandline.look:layers",
        _layers,
    ),
    "schema": Command(
        "JSON Schema of the file", "Made from the layer declarations.", "designer.commandline.look:schema"
    ),
    "check": Command(
        "verdict and problems",
        'json: one object per file and line: `{"file","ok","problems":[{"severity","code","layer","port","path",'
        '"message","fixes":[…]}],"requires":[…]}`. One bad file never silences the rest.',
        "designer.commandline.look:check",
        _check,
    ),
    "summary": Command(
        "layers, shapes, parameters and multiply-adds",
        'json: one object per file and line: `{"file","ok","inputs":{id:shape},"outputs":{id:shape},"layers":['
        '{"id","type","inputs":{port:shape},"outputs":{port:shape},"input_dtypes","output_dtypes","parameters","trainable_parameters",'
        '"buffers","macs","nested":[…],"activation_bytes","receptive_field":[{"input","axis","role","entries","step",'
        '"arithmetic"}],"arithmetic":{figure:words}}],"parameters","trainable_parameters","buffers","macs",'
        '"activation_bytes","requires","alignments":{loss:condition on each sample}}`; costs are for one sample, '
        '`entries` is "all" for a whole axis; '
        'with errors: what is known, and `"problems"` as in `check`.',
        "designer.commandline.look:summary",
        _summary,
    ),
    "render": Command(
        "a picture",
        "The path from data to Outputs, in the look of Keras' `plot_model`. Without the `dot` program, too.",
        "designer.commandline.picture:render",
        _render,
        {"-o": _is_picture, "--output": _is_picture},
    ),
    "export": Command(
        "PyTorch code",
        "Writes `model.py`, `data.py`, `train.py`, `runtime.py`, the requirements and the design; proved unless "
        "told not to, with the verdict in `proof.json`. Where no data set is chosen or there is no loss, it says so "
        "and leaves the training out. "
        "In a folder that exists, files of an earlier export are replaced, and taken away where they are written no "
        "longer; one that somebody has changed is never overwritten: the difference is shown on stderr, nothing is "
        "written, and the exit code is 1. A notebook needs `[notebook]`, ONNX `[onnx]`.",
        "designer.commandline.make:export",
        _export,
    ),
    "prove": Command(
        "proof on real torch",
        "Runs the generated module in a child process and compares every shape and parameter count. Needs `[train]`.",
        "designer.commandline.make:prove",
        _file,
    ),
    "train": Command(
        "a training run",
        "Exports, runs exactly that script in a child process and shows its progress; the final metrics go to stdout. "
        "Ctrl-C stops the run with a checkpoint. Needs `[train]`.",
        "designer.commandline.training:train",
        _train,
        {"--set": _is_setting},
    ),
    "doctor": Command(
        "what is there and what is missing",
        "torch, the device and why, dot, display, Qt: each with the command that mends it.",
        "designer.commandline.window:doctor",
    ),
    "demo": Command(
        "the main job end to end",
        "Without a window: template → check → diagram → export → prove → train on real data → report. Needs `[train]`.",
        "designer.demo:run",
        _demo,
    ),
    "format": Command(
        "canonical bytes",
        "Rewrites designs in place the way Layerloom writes them, and names those that changed.",
        "designer.commandline.make:format_files",
        _format_command,
    ),
}

LATER: Mapping[str, str] = {
    "fix": "applying verified fixes",
    "resume": "going on with a stopped run",
    "runs": "listing runs",
    "diff": "comparing two designs",
}
"""Commands of a later version, and what they will do."""
