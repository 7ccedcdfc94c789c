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
from model import DigitsSmallCNN

DEVICES = ("auto", "cpu", "cuda", "mps")


def objective(outputs: Tensor, batch: dict[str, Tensor]) -> Tensor:
    """What training makes small: the loss of the model's outputs on a batch."""
    return F.cross_entropy(outputs, batch["label"])


def evaluate(model, batches):
    """Returns the metrics over these batches, and details of the answers."""
    model.eval()
    total = count = 0
    confusion = torch.zeros(10, 10, dtype=torch.int64)  # true, answered
    with torch.inference_mode():
        for batch in batches:
            outputs = model(batch["image"])
            total += objective(outputs, batch).item() * len(batch["image"])
            count += len(batch["image"])
            pairs = batch["label"] * 10 + outputs.argmax(1)
            counts = torch.bincount(pairs.flatten().cpu(), minlength=100)
            confusion += counts.view(10, 10)
    metrics = {"loss": total / count}
    right = confusion.diag()
    metrics["accuracy"] = float(right.sum() / confusion.sum())
    both = confusion.sum(0) + confusion.sum(1)
    metrics["f1"] = float((2 * right / both)[both > 0].mean())
    return metrics, {"confusion": confusion.tolist(), "classes": data.CLASSES}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.001, help="learning rate")
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

    # Model
    torch.manual_seed(flags.seed)
    model = DigitsSmallCNN().to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=flags.lr)

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
