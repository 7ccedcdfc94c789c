"""Runs a printed module on real torch and compares it with the drawing, layer by layer. Started as `python -P`.

Each line on stdin is a request (JSON, see `codegen.prove`); its answer is written to the file that it names. The
module's source is run as it is: variables are read off `forward` while it runs, right behind each statement.
"""

import contextlib
import importlib
import json
import math
import os
import sys
import time
import warnings
from types import CodeType, FrameType
from typing import Any

LIMIT = 20
"""So many differences are told; more are of no use."""


def main() -> None:
    """Answers every request on stdin."""
    for line in sys.stdin:
        request = json.loads(line)
        started = time.perf_counter()
        try:
            import torch
        except ImportError as error:
            answer: dict[str, Any] = {"missing": str(error)}
        else:
            torch.set_num_threads(1)
            _limit_memory(request["memory"])
            problems = _proved(request)
            python = sys.version.split()[0]
            answer = {"problems": problems, "versions": {"torch": str(torch.__version__), "python": python}}
        _write(request["answer"], {**answer, "seconds": time.perf_counter() - started})


def _limit_memory(extra: int) -> None:
    """Lets this process grow by so many bytes; where the system can't, the time limit has to do."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm") as file:
            used = int(file.read().split()[5]) * os.sysconf("SC_PAGE_SIZE")
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (used + extra, hard))


def _write(path: str, answer: dict[str, Any]) -> None:
    with open(f"{path}.part", "w", encoding="ascii") as file:
        json.dump(answer, file)
    os.replace(f"{path}.part", path)


def _proved(request: dict[str, Any]) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _Proof(request).problems()[:LIMIT]
        except Exception as error:  # whatever torch or the printed code raises is what the proof is for
            return [_failure("the module", error)]


def _failure(where: str, error: BaseException) -> str:
    text = " ".join(str(error).split())[:300]
    return f"{where}: the code fails with {type(error).__name__}: {text}"


class _Failed(Exception):
    """The code raised something, which has been noted."""


class _Proof:
    def __init__(self, request: dict[str, Any]) -> None:
        self.request = request
        self.found: list[str] = []
        self.namespace: dict[str, Any] = {"__name__": "model", "__file__": "model.py"}

    def problems(self) -> list[str]:
        """Every difference between the printed code and the drawing."""
        import torch

        torch.manual_seed(0)
        self._check_own(self.request["own"])
        if self.found:
            return self.found
        exec(compile(self.request["source"], "model.py", "exec"), self.namespace)
        model = self.namespace[self.request["class"]]()
        self._compare_state(model, self.request)
        objective = self._objective()
        for case in self.request["cases"]:
            model.train(case["train"])
            run = contextlib.nullcontext() if case["train"] else torch.no_grad()
            with run, contextlib.suppress(_Failed):
                self._run(model, objective, case)
        return list(dict.fromkeys(self.found))

    def _objective(self) -> Any:
        part = self.request["objective"]
        if part is None:
            return None
        exec(compile(part["source"], "objective.py", "exec"), self.namespace)
        if not part["is_module"]:
            return self.namespace["objective"]
        objective = self.namespace["Objective"]()
        self._compare_state(objective, part)
        return objective

    def _check_own(self, own: list[Any]) -> None:
        """`own` are [layer, attribute, module, class, parameters]: only a network module may be built."""
        import torch

        for layer, _, module, name, _ in own:
            try:
                found: Any = importlib.import_module(module)
                for part in name.split("."):
                    found = getattr(found, part)
            except Exception as error:  # whatever the user's module raises
                self.found.append(
                    f"{_failure(layer, error)}; install {module}, or put its folder on PYTHONPATH"
                )
                continue
            if not isinstance(found, type) or not issubclass(found, torch.nn.Module):
                self.found.append(f"{layer}: {module}:{name} is no torch.nn.Module; name a class that is one")

    def _compare_state(self, module: Any, part: dict[str, Any]) -> None:
        """`parameters` are [layer, name, shape, trainable], `buffers` [layer, name, shape]."""
        real = {name: (list(p.shape), p.requires_grad) for name, p in module.named_parameters()}
        held = {name: list(b.shape) for name, b in module.named_buffers()}
        for layer, attribute, _, _, count in part["own"]:
            inside = [name for name in real if name.startswith(f"{attribute}.")]
            found = sum(math.prod(real.pop(name)[0]) for name in inside)
            held = {name: shape for name, shape in held.items() if not name.startswith(f"{attribute}.")}
            if count is not None:
                self.compare(layer, "the number of parameters", str(count), str(found))
        for layer, name, shape, trainable in part["parameters"]:
            if name not in real:
                self.found.append(
                    f"{layer}: the code has no parameter {name}, which should be {_said(shape)}"
                )
                continue
            found, learns = real.pop(name)
            self.compare(layer, f"the parameter {name}", shape, found)
            if learns != trainable:
                self.found.append(
                    f"{layer}: {name} should {'' if trainable else 'not '}be trained, but is the other way"
                )
        self.found += [
            f"the code has a parameter {name} of {_said(found[0])} that is not drawn"
            for name, found in real.items()
        ]
        for layer, name, shape in part["buffers"]:
            self.compare(layer, f"the buffer {name}", shape, held.pop(name, None))
        self.found += [
            f"the code has a buffer {name} of {_said(found)} that is not drawn"
            for name, found in held.items()
        ]

    def compare(self, layer: str, what: str, expected: Any, found: Any) -> None:
        """Notes a difference."""
        if expected != found:
            self.found.append(f"{layer}: {what} should be {_said(expected)}, but is {_said(found)}")

    def _run(self, model: Any, objective: Any, case: dict[str, Any]) -> None:
        arguments = [_tensor(spec) for spec in case["inputs"]]
        outputs = self._traced(type(model).forward.__code__, case["probes"], model, arguments)
        results = list(outputs) if isinstance(outputs, tuple) else [outputs]
        if len(results) != len(case["outputs"]):
            self.found.append(f"forward should give {len(case['outputs'])} results, but gives {len(results)}")
        for (layer, name, expected), result in zip(case["outputs"], results, strict=False):
            self.compare(layer, f"the result {name}", expected, _described(result))
        if objective is None:
            return
        batch = {key: _tensor(spec) for key, spec in case["batch"].items()}
        code = (type(objective).forward if self.request["objective"]["is_module"] else objective).__code__
        total = self._traced(code, case["objective_probes"], objective, [outputs, batch])
        self.compare("the sum of the losses", "it", [], list(total.shape))
        if total.requires_grad:
            total.backward()

    def _traced(self, code: CodeType, probes: list[Any], function: Any, arguments: list[Any]) -> Any:
        watch = _Watch(code, probes, self)
        sys.settrace(watch.enter)
        try:
            result = function(*arguments)
        except Exception as error:
            self.found.append(_failure(watch.layer or "forward", error))
            raise _Failed from None
        finally:
            sys.settrace(None)
        self.found += [f"{layer}: the code never computes it" for layer in watch.unseen()]
        return result


class _Watch:
    """Follows one code object. `probes` are [first line, last line, layer, [[port, variable, expected], …]]."""

    def __init__(self, code: CodeType, probes: list[Any], proof: _Proof) -> None:
        self.code, self.probes, self.proof = code, probes, proof
        self.by_line = {line: i for i, p in enumerate(probes) for line in range(p[0], p[1] + 1)}
        self.current: int | None = None
        self.done: set[int] = set()

    @property
    def layer(self) -> str:
        """The layer whose statement runs."""
        return str(self.probes[self.current][2]) if self.current is not None else ""

    def unseen(self) -> list[str]:
        """The layers whose statement never ran."""
        return [probe[2] for i, probe in enumerate(self.probes) if i not in self.done]

    def enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        return self.follow if frame.f_code is self.code else None

    def follow(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "exception":
            return None
        here = self.by_line.get(frame.f_lineno) if event == "line" else None
        if self.current is not None and here != self.current and self.current not in self.done:
            self._compare(self.probes[self.current], frame)
            self.done.add(self.current)
        if event == "line":
            self.current = here
        return self.follow

    def _compare(self, probe: list[Any], frame: FrameType) -> None:
        for port, variable, expected in probe[3]:
            try:
                value = _described(eval(variable, frame.f_globals, frame.f_locals))
            except NameError:
                value = "not there"
            self.proof.compare(probe[2], f"the output {port}", expected, value)


def _said(value: Any) -> str:
    """A shape as torch writes it, with the dtype if there is one: `(2, 3) float32`."""
    if not isinstance(value, list):
        return "not there" if value is None else str(value)
    sizes = tuple(size for size in value if isinstance(size, int))
    return " ".join([str(sizes), *(word for word in value if isinstance(word, str))])


def _described(value: Any) -> Any:
    """Shape and dtype of a tensor: `[2, 3, "float32"]`; the type's name of anything else."""
    if not hasattr(value, "dtype"):
        return type(value).__name__
    return [*value.shape, str(value.dtype).removeprefix("torch.")]


def _tensor(spec: dict[str, Any]) -> Any:
    """Random floats; ints and bools are what `fill` says: 0 is a good class and index, lengths are a list."""
    import torch

    dtype = getattr(torch, spec["dtype"])
    if isinstance(spec["fill"], list):
        return torch.tensor(spec["fill"], dtype=dtype)
    if dtype.is_floating_point:
        return torch.rand(spec["shape"]).to(dtype)
    return torch.full(spec["shape"], spec["fill"], dtype=dtype)


if __name__ == "__main__":
    main()
