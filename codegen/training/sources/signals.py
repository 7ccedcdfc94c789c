"""Signals: spectra like those of speech, electrocardiograms, curves. All made up."""

from __future__ import annotations

from collections.abc import Mapping

from codegen.training.sources.declare import MADE, Field, Option, Source, few

SOUNDS = ("blank", "a", "e", "i", "o", "u", "s", "sh", "f", "m", "n")
FINDINGS = ("irregular", "fast", "wide", "no P wave")


def mel_frames(options: Mapping[str, int]) -> int:
    """The frames of the longest utterance: each sound of the longest, with the longest pause behind it."""
    return 12 * options["max_sounds"] + 4


def _mel(options: Mapping[str, int]) -> tuple[Field, ...]:
    frames, labels = mel_frames(options), (options["max_sounds"],)
    return (
        Field(
            "mel",
            "loudness in bands of pitch",
            (frames, options["bands"]),
            "float32",
            "N T F",
            sized=("", "bands"),
        ),
        Field("frames", "how many of each", (), "int64", "N", "lengths", of="mel"),
        Field("labels", "its sounds; class 0 is the blank", labels, "int64", "N S", "target", SOUNDS),
        Field("label_count", "how many sounds", (), "int64", "N", "lengths", of="labels"),
    )


def _ecg(options: Mapping[str, int]) -> tuple[Field, ...]:
    longest = options["max_samples"]
    return (
        Field(
            "signal", "millivolts, 300 a second", (1, longest), "float32", "N C T", sized=("", "max_samples")
        ),
        Field("samples", "how many of each", (), "int64", "N", "lengths", of="signal", axis=2),
        Field(
            "labels",
            "1 for what is found: " + ", ".join(FINDINGS),
            (4,),
            "float32",
            "N F",
            "target",
            FINDINGS,
        ),
    )


def _series(options: Mapping[str, int]) -> tuple[Field, ...]:
    steps, sized = (options["steps"], 1), ("steps", "")
    return (
        Field("series", "two waves and noise, about -2 to 2", steps, "float32", "N T F", sized=sized),
        Field("features", "what it is made of: two heights, two lengths of waves", (4,), "float32", "N F"),
        Field("value", "the wave one step later", (1,), "float32", "N F", "target"),
        Field("next", "the series one step later", steps, "float32", "N T F", "target", sized=sized),
        Field("curve", "the series as a target", steps, "float32", "N T F", "target", sized=sized),
        Field(
            "label", "whether the first wave is the slow one", (), "int64", "N", "target", ("fast", "slow")
        ),
    )


SIGNALS = (
    Source(
        "mel",
        "Made-up speech",
        "Bands of pitch over time; sounds of random length one behind the other, labels without positions.",
        "made up by data.py, by seed; nobody spoke",
        MADE,
        _mel,
        (
            Option("min_sounds", "sounds in the shortest utterance", 3, 1, 50),
            Option("max_sounds", "sounds in the longest utterance", 7, 1, 50),
            Option("bands", "bands of pitch", 40, 8, 256),
            Option("count", "utterances of all three splits", 1500, 20, 100_000),
        ),
        open_classes=True,
    ),
    Source(
        "ecg",
        "Made-up electrocardiograms",
        "Heart beats, 300 samples a second, records of different lengths, up to four findings in each.",
        "made up by data.py, by seed; without medical meaning",
        MADE,
        _ecg,
        (
            Option("min_samples", "samples in the shortest record", 1500, 300, 100_000),
            Option("max_samples", "samples in the longest record", 3000, 300, 100_000),
            Option(
                "count", "records of all three splits", 800, 20, 100_000, few(lambda o: o["max_samples"], 800)
            ),
        ),
        open_classes=True,
    ),
    Source(
        "series",
        "Made-up curves",
        "Two waves and noise; what comes next, and what they are made of.",
        "made up by data.py, by seed",
        MADE,
        _series,
        (
            Option("steps", "steps of a curve", 40, 2, 10_000),
            Option("count", "curves of all three splits", 1500, 20, 100_000),
        ),
        open_classes=True,
    ),
)
