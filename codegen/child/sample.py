"""Runs one sample of a run's own data through its network and tells what is on every wire. Started as `python -P`.

In the run's folder: takes the sample, says its shapes on stdout, reads on stdin how the graph is computed at these
(see `codegen.sampling`), and answers with a line of statistics and small pictures.
"""

import contextlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

MAPS, SIDE, POINTS, VALUES = 8, 24, 64, 8
"""So many maps of so many pixels, points of a curve and single values are told of one tensor."""


def main() -> None:
    """Says the shapes, reads the request, answers it."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    import torch

    from codegen.child.evaluate import Evaluation

    sys.path[0] = "."  # what stands beside the run is what it was trained with
    torch.set_num_threads(1)
    out, sys.stdout = sys.stdout, sys.stderr  # what the data says while it loads is no answer
    batch = _sample(torch)
    _say(out, {name: list(value.shape) for name, value in batch.items()})
    asked = json.loads(sys.stdin.readline())
    with contextlib.suppress(OSError, ValueError), torch.no_grad():
        _say(out, _answer(torch, Evaluation, asked, batch))


def _say(out: Any, words: Any) -> None:
    print(json.dumps(words), file=out, flush=True)


def _sample(torch: Any) -> dict[str, Any]:
    """The first sample of the test part, else of another part that has one."""
    spec = importlib.util.spec_from_file_location("data", "data.py")
    assert spec is not None and spec.loader is not None
    data = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(data)
    splits = data.load()
    for part in ("test", "validation", "train"):
        for batch in data.Batches(splits[part], 1, torch.device("cpu")) if part in splits else ():
            return dict(batch)
    raise SystemExit("the data holds no sample")


def _answer(torch: Any, evaluation_of: Any, asked: dict[str, Any], batch: dict[str, Any]) -> dict[str, Any]:
    from safetensors.torch import load_file

    problems: list[str] = []
    evaluation = evaluation_of(asked["evaluation"], problems.append)
    weights = load_file("weights.safetensors")
    prefixes = {tuple(path): prefix for path, prefix in asked["state"]}
    for one in evaluation.built():
        prefix = prefixes.get(one.path)
        for name, own in _tensors(torch, one.module) if prefix is not None else ():
            full = f"{prefix}.{name}" if name else prefix
            if full in weights:
                own.copy_(weights[full])
    evaluation.holder.eval()
    inputs = {id: batch[name] for id, name in asked["inputs"].items()}
    ports = {step["id"]: [output[0] for output in step["outputs"]] for step in asked["evaluation"]["steps"]}
    found = {id: {"y": told(torch, value)} for id, value in inputs.items()}
    for layer, values in evaluation.values(inputs, asked["sizes"]):
        for port, (value, _) in zip(ports.get(layer, ()), values, strict=False):
            if isinstance(value, torch.Tensor):
                found.setdefault(layer, {})[port] = told(torch, value)
    return {"wires": found}


def _tensors(torch: Any, module: Any) -> list[tuple[str, Any]]:
    if not isinstance(module, torch.nn.Module):
        return [("", module)]
    parameters = module.named_parameters(remove_duplicate=False)
    return [*parameters, *module.named_buffers(remove_duplicate=False)]


def told(torch: Any, value: Any) -> dict[str, Any]:
    """The statistics of one tensor (of a batch of one), and a small picture of it."""
    numbers = value.detach().to(torch.float64)
    finite = numbers[torch.isfinite(numbers)]
    found: dict[str, Any] = {"shape": list(value.shape), "dtype": str(value.dtype).removeprefix("torch.")}
    if len(finite):
        found |= {"min": float(finite.min()), "mean": float(finite.mean()), "max": float(finite.max())}
    if len(finite) < numbers.numel():
        found["not_finite"] = numbers.numel() - len(finite)
    return {**found, **_picture(torch, torch.nan_to_num(numbers))}


def _picture(torch: Any, numbers: Any) -> dict[str, Any]:
    """Maps of an image or a sequence, a curve of many features, or the few values there are."""
    one = numbers[0] if numbers.dim() > 1 and len(numbers) else numbers
    while one.dim() > 3:  # of a volume the middle
        one = one[:, one.shape[1] // 2]
    if one.numel() == 0:
        return {"values": []}
    if one.dim() == 3 and one.shape[-1] * one.shape[-2] > 1:
        return {"maps": [_map(torch, part) for part in one[:MAPS]]}
    if one.dim() == 2 and min(one.shape) > 1:
        return {"maps": [_map(torch, one.T, 2 * SIDE)]}
    flat = one.flatten()
    if len(flat) <= VALUES:
        return {"values": flat.tolist()}
    points = torch.nn.functional.adaptive_avg_pool1d(flat[None, None], min(len(flat), POINTS))
    return {"curve": points.flatten().tolist(), "values": flat[:VALUES].tolist()}


def _map(torch: Any, part: Any, side: int = SIDE) -> dict[str, Any]:
    """Shades of grey from 0 to 255, from the smallest to the largest number."""
    height, width = (min(int(size), side) for size in part.shape)
    small = torch.nn.functional.adaptive_avg_pool2d(part[None, None], (height, width)).flatten()
    spread = float(small.max() - small.min())
    shades = (small - small.min()) / spread * 255 if spread > 0 else small * 0
    return {"width": width, "height": height, "shades": shades.round().to(torch.int64).tolist()}


if __name__ == "__main__":
    main()
