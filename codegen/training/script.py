"""Prints `train.py`: data, model, loop and evaluation from top to bottom, only what the settings use."""

from __future__ import annotations

import re

from codegen.layout import literal, statement
from codegen.module import Penalty, Printed, penalties
from codegen.objective import Objective, print_objective
from codegen.parts import FIRST_LINE, modules
from codegen.training.alignment import FUNCTION, print_alignment
from codegen.training.answers import Answer, answer_of
from codegen.training.evaluation import print_evaluation
from codegen.training.settings import Settings, settings_of
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.report import Report


def print_script(design: Design, report: Report, printed: Printed) -> str:
    """`train.py` for a design whose module is `printed`: ASCII, as `ruff format` leaves it.

    Raises BadTraining where the `training` section can't be used, and Refused where the loss can't be printed.
    """
    settings = settings_of(design, report)
    objective = print_objective(design, report, printed)
    if objective is None:
        raise Refused("The design has no loss whose result is free, so there is nothing to train; add one.")
    return script_for(settings, report, printed, objective)


def script_for(settings: Settings, report: Report, printed: Printed, objective: Objective) -> str:
    """`train.py` for settings that have been read, and an objective that has been printed."""
    return _Script(settings, report, printed, objective).source()


class _Script:
    def __init__(self, settings: Settings, report: Report, printed: Printed, objective: Objective) -> None:
        self.settings, self.report, self.printed, self.objective = settings, report, printed, objective
        self.penalties = [*printed.penalties, *self._learnt_behind_targets()]
        self.loss = "model.objective" if objective.is_module else "objective"
        fed = [id for id, _ in printed.inputs if id in settings.inputs] or [*settings.inputs]
        self.first = f"batch[{literal(printed.attributes[fed[0]])}]"
        taken = printed.class_name in ("Path", "DEVICES", "Objective")
        self.network = "Network" if taken else printed.class_name
        self.call = f"model({', '.join(f'batch[{literal(name)}]' for _, name in printed.inputs)})"

    def source(self) -> str:
        """The whole file."""
        answer = answer_of(self.report)
        assert answer is not None, "a design with an objective has a loss"
        value = self.value(answer)
        evaluation = print_evaluation(
            self.settings, answer, self.printed, self.first, self.call, value, self.loss, self._carried()
        )
        alignment = print_alignment(self.report, self.printed, answer, self.settings.inputs)
        evaluation = [*(FUNCTION if alignment else ()), *evaluation]
        body = [*self.objective.rows, "", "", *self._penalty(), *evaluation, "", "", *self._main(alignment)]
        body += ["", "", *_ENTRY]
        return "\n".join([*self._head("\n".join(body)), *body]) + "\n"

    def _learnt_behind_targets(self) -> list[Penalty]:
        ids = [id for id in self.report.order if id in self.report.training_only]
        names = {id: f"objective.{name}" for id, name in self.printed.attributes.items()}
        return penalties(self.report, ids, names, self.printed.classes)

    def value(self, answer: Answer) -> str:
        """The source of what the first loss reads from the network: `outputs`, or one of them."""
        name = dict(self.printed.returned).get(answer.value)
        if name is not None:
            return f"outputs.{name}" if self.printed.output_class else "outputs"
        return f"batch[{literal(self.printed.attributes[answer.value[0]])}]"

    def _carried(self) -> str:
        """What the next step begins with, as source; "" where every step begins anew."""
        into = {wire.target: (wire.source, wire.source_port) for wire in self.report.wires}
        names, entries = dict(self.printed.returned), []
        for id, output in self.settings.carry.items():
            value = f"outputs.{names[into[output]]}" if self.printed.output_class else "outputs"
            entries.append(f"{literal(self.printed.attributes[id])}: {value}.detach()")
        return f"{{{', '.join(entries)}}}" if entries else ""

    def _head(self, code: str) -> list[str]:
        names = [self.printed.class_name]
        names += [self.printed.output_class] if self.printed.output_class else []
        if self.network != self.printed.class_name:
            names[0] += f" as {self.network}"
        names += self.objective.shared
        tensor = [name for name in ("Tensor", "nn") if _uses(code, name)]
        return [
            FIRST_LINE,
            '"""Trains the network of model.py; `python train.py --help` lists the flags."""',
            "",
            "import argparse",
            *(["import math"] if _uses(code, "math") else []),
            "import os",
            "import sys",
            "import time",
            "from pathlib import Path",
            "",
            'os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # idle threads free the core',
            "",
            "import torch",
            *(["import torch.nn.functional as F"] if "F." in code else []),
            *(f"import {module}" for module in sorted(modules(self.report, self.report.training_only))),
            *([f"from torch import {', '.join(tensor)}"] if tensor else []),
            "",
            "sys.path.append(str(Path(__file__).resolve().parent))  # last: it hides no package",
            "",
            "import data",
            "import runtime",
            f"from model import {', '.join(sorted(names))}",
            "",
            'DEVICES = ("auto", "cpu", "cuda", "mps")',
            "",
            "",
        ]

    def _penalty(self) -> list[str]:
        """Layers whose weights are to stay small: only in training, not in what is measured."""
        if not self.penalties:
            return []
        rows = ["def penalty(model):", '    """What large weights cost in training."""', "    total = 0.0"]
        for one in self.penalties:
            margin = "    " if one.is_weight else " " * 12
            if one.is_weight:
                rows.append(f"    weight = model.{one.attribute}")
            else:
                rows.append(f"    for name, weight in model.{one.attribute}.named_parameters():")
                rows.append('        if "weight" in name:')
            rows += [f"{margin}total += {one.l1} * weight.abs().sum()"] if one.l1 else []
            rows += [f"{margin}total += {one.l2} * weight.square().sum()"] if one.l2 else []
        return [*rows, "    return total", "", ""]

    def _main(self, alignment: list[str]) -> list[str]:
        s, name = self.settings, self.settings.optimizer
        extra = [f"{key}={literal(value)}" for key, value in s.optimizer_options.items() if key != "lr"]
        optimizer = f"torch.optim.{name}({', '.join(['model.parameters()', 'lr=flags.lr', *extra])})"
        flags = [
            f'"--epochs", type=int, default={s.epochs}',
            f'"--batch-size", type=int, default={s.batch_size}',
            f'"--lr", type=float, default={s.optimizer_options["lr"]}, help="learning rate"',
            f'"--seed", type=int, default={s.seed}, help="of weights and order"',
            '"--device", default="auto", choices=DEVICES',
            '"--run-dir", type=Path, help="else runs/TIME is made"',
        ]
        rows = ["def main():"]
        rows += ["    parser = argparse.ArgumentParser(description=__doc__)"]
        rows += [row for flag in flags for row in statement(f"parser.add_argument({flag})", 4)]
        rows += _START
        rows += ["", "    # Data"]
        rows += ["    splits = data.load()", *alignment]
        rows += ["", "    # Model", "    torch.manual_seed(flags.seed)"]
        rows += self._model()
        rows += statement(f"optimizer = {optimizer}", 4)
        rows += self._loop()
        rows += [*_END, *(_ALONE if self.objective.is_module else ()), *_RESULT]
        return rows

    def _loop(self) -> list[str]:
        carried = self._carried()
        batches = "flags.batch_size, device" if carried else "flags.batch_size, device, seed"
        rows = ["", "    with runtime.Run(folder, model, optimizer, reason) as run:", ""]
        rows += [f"        def batches(split{'' if carried else ', seed=None'}):"]
        rows += [f"            return run.each(data.Batches(split, {batches}))", *_EPOCH]
        if carried:
            rows += ["            states = {}", '            for batch in batches(splits["train"]):']
            rows += ["                batch |= states", f"                outputs = {self.call}"]
            rows += statement(f"states = {carried}", 16, "the gradient ends here")
            rows += [f"                loss = {self.loss}(outputs, batch)"]
        else:
            rows += ['            for batch in batches(splits["train"], seed=flags.seed + epoch):']
            rows += statement(f"loss = {self.loss}({self.call}, batch)", 16)
        rows += ["                optimizer.zero_grad()"]
        rows += [f"                total += run.step(loss) * len({self.first})"]
        rows += [f"                count += len({self.first})"]
        backward = "(loss + penalty(model))" if self.penalties else "loss"
        return [*rows, f"                {backward}.backward()"]

    def _model(self) -> list[str]:
        """An objective with a state is a part of the model while it trains: learnt, switched and saved with it."""
        if not self.objective.is_module:
            return [f"    model = {self.network}().to(device)"]
        return [
            f"    model = {self.network}()",
            "    model.objective = Objective()  # learnt and saved with it",
            "    model.to(device)",
        ]


_START = """\
    flags = parser.parse_args()
    if min(flags.epochs, flags.batch_size) < 1:
        parser.error("--epochs and --batch-size must be at least 1")
    device, reason = runtime.choose_device(flags.device)
    runs = Path(__file__).resolve().parent / "runs"
    folder = flags.run_dir or runs / time.strftime("%Y-%m-%d-%H%M%S")
    print(f"{reason}. This run is kept in {folder}", flush=True)
""".splitlines()

_EPOCH = """
        # Loop
        for epoch in range(flags.epochs):
            model.train()
            total = count = 0
""".splitlines()

_END = """\
                optimizer.step()
            metrics, _ = evaluate(model, batches(splits["validation"]))
            run.end_epoch(train={"loss": total / count}, validation=metrics)

        # Evaluation, with the weights of the least validation loss
        run.restore(best=True)
        results = {}
        for name, split in splits.items():
            results[name], details = evaluate(model, batches(split))
""".splitlines()

_ALONE = """\
        learnt = runtime.packed(model.objective.state_dict())
        runtime.write_atomically(folder / "objective.safetensors", learnt)
        del model.objective  # so that the weights are the network's
""".splitlines()

_RESULT = """\
        run.finish(results, **details)
        for key, value in results["test"].items():
            print(f"test {key}: {value:.4f}")
""".splitlines()

_ENTRY = ['if __name__ == "__main__":', "    main()"]


def _uses(code: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", code) is not None
