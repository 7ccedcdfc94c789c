# Written by Layerloom from a drawing. The code is yours: change it as you like.
"""Trains the network of model.py; `python train.py --help` lists the flags."""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # idle threads free the core

import torch
import torch.nn.functional as F
from torch import Tensor

sys.path.append(str(Path(__file__).resolve().parent))  # last: it hides no package

import data
import runtime
from model import DigitStringsCTC

DEVICES = ("auto", "cpu", "cuda", "mps")


def objective(outputs: Tensor, batch: dict[str, Tensor]) -> Tensor:
    """What training makes small: the loss of the model's outputs on a batch."""
    return F.ctc_loss(
        outputs.transpose(0, 1),
        batch["labels"],
        torch.full((outputs.shape[0],), outputs.shape[1]),
        batch["label_count"],
    )


def short_of_steps(labels, lengths, steps):
    """Returns how many label sequences need more steps than there are."""
    count = torch.arange(labels.shape[1])
    repeats = (labels[:, 1:] == labels[:, :-1]) & (count[1:] < lengths[:, None])
    return int((lengths + repeats.sum(1) > steps).sum())


def edit_distance(a, b):
    """Returns how many labels to insert, delete or replace to make `b` of `a`."""
    row = list(range(len(b) + 1))
    for i, label in enumerate(a, 1):
        last, row = row, [i]
        for j, other in enumerate(b, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (label != other)))
    return row[-1]


def evaluate(model, batches):
    """Returns the metrics over these batches, and details of the answers."""
    model.eval()
    total = count = 0
    errors = labels = 0
    with torch.inference_mode():
        for batch in batches:
            outputs = model(batch["image"])
            total += objective(outputs, batch).item() * len(batch["image"])
            count += len(batch["image"])
            best = outputs.argmax(2).cpu()
            for i, wanted in enumerate(batch["labels"]):
                true = wanted[: batch["label_count"][i]].tolist()
                steps = best[i].unique_consecutive().tolist()
                read = [label for label in steps if label != 0]
                errors += edit_distance(read, true)
                labels += len(true)
    metrics = {"loss": total / count}
    metrics["label_error_rate"] = errors / max(1, labels)
    return metrics, {"example": {"true": true, "read": read}, "classes": data.CLASSES}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=0.002, help="learning rate")
    parser.add_argument("--seed", type=int, default=0, help="of weights and order")
    parser.add_argument("--device", default="auto", choices=DEVICES)
    parser.add_argument("--run-dir", type=Path, help="else runs/TIME is made")
    flags = parser.parse_args()
    if min(flags.epochs, flags.batch_size) < 1:
        parser.error("--epochs and --batch-size must be at least 1")
    device, reason = runtime.choose_device(flags.device)
    runs = Path(__file__).resolve().parent / "runs"
    folder = flags.run_dir or runs / time.strftime("%Y-%m-%d-%H%M%S")
    print(f"{reason}. This run is kept in {folder}", flush=True)

    # Data
    splits = data.load()
    for name, split in splits.items():
        short = short_of_steps(
            split["labels"], split["label_count"], split["image"].shape[3] // 2
        )
        if short:
            print(f"{short} {name} targets need more steps than there are", flush=True)

    # Model
    torch.manual_seed(flags.seed)
    model = DigitStringsCTC().to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=flags.lr)

    with runtime.Run(folder, model, optimizer, reason) as run:

        def batches(split, seed=None):
            return run.each(data.Batches(split, flags.batch_size, device, seed))

        # Loop
        for epoch in range(flags.epochs):
            model.train()
            total = count = 0
            for batch in batches(splits["train"], seed=flags.seed + epoch):
                loss = objective(model(batch["image"]), batch)
                optimizer.zero_grad()
                total += run.step(loss) * len(batch["image"])
                count += len(batch["image"])
                loss.backward()
                optimizer.step()
            metrics, _ = evaluate(model, batches(splits["validation"]))
            run.end_epoch(train={"loss": total / count}, validation=metrics)

        # Evaluation, with the weights of the least validation loss
        run.restore(best=True)
        results = {}
        for name, split in splits.items():
            results[name], details = evaluate(model, batches(split))
        run.finish(results, **details)
        for key, value in results["test"].items():
            print(f"test {key}: {value:.4f}")


if __name__ == "__main__":
    main()
