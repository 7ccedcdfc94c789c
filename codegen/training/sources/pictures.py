"""Pictures: handwritten digits and what is put together from them, made-up shapes."""

from __future__ import annotations

from collections.abc import Mapping

from codegen.training.sources.declare import MADE, Field, Option, Source, few, numbers

DIGITS = tuple("0123456789")
SHAPES = ("disc", "square", "diamond", "ring", "plus", "cross", "triangle", "bar", "post", "frame")
UCI = (
    "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998, "
    "doi:10.24432/C50P49; the 1,797 scans that come with scikit-learn"
)
CC_BY = "CC BY 4.0"
_MADE = "made up by data.py, by seed; not photographs"


def _digits(options: Mapping[str, int]) -> tuple[Field, ...]:
    return (
        Field("image", "grey values from 0 to 1", (1, 8, 8), "float32", "N C H W"),
        Field("rows", "the same, each row a time step", (8, 8), "float32", "N T F"),
        Field("label", "which digit it is", (), "int64", "N", "target", DIGITS),
    )


def string_width(options: Mapping[str, int]) -> int:
    """The width in pixels of every image of a digit string: the longest string with the widest gaps."""
    return 8 * options["max_digits"] + (options["max_digits"] + 1) * options["max_gap"]


def _strings(options: Mapping[str, int]) -> tuple[Field, ...]:
    image = (1, 8, string_width(options))
    labels, classes = (options["max_digits"],), ("blank", *DIGITS)
    about = "class 0 is the blank, digit d is class d + 1"
    return (
        Field("image", "grey values, digits side by side", image, "float32", "N C H W"),
        Field("labels", about, labels, "int64", "N S", "target", classes),
        Field("label_count", "how many digits the string has", (), "int64", "N", "lengths", of="labels"),
    )


def _pairs_of_digits(options: Mapping[str, int]) -> tuple[Field, ...]:
    scan = (1, 8, 8)
    return (
        Field("first", "grey values from 0 to 1", scan, "float32", "N C H W"),
        Field("second", "another scan", scan, "float32", "N C H W"),
        Field("same", "1 if both show the same digit, else 0", (), "float32", "N", "target"),
        Field("relation", "1 if both show the same digit, else -1", (), "float32", "N", "target"),
    )


def _images(options: Mapping[str, int]) -> tuple[Field, ...]:
    size = (options["channels"], options["height"], options["width"])
    count = options["classes"]
    classes = SHAPES[:count] if count <= len(SHAPES) else numbers(count)
    return (
        Field(
            "image",
            "a shape on a noisy ground, about -1 to 1",
            size,
            "float32",
            "N C H W",
            sized=("channels", "height", "width"),
        ),
        Field("features", "where it lies (x, y), how large, how turned", (4,), "float32", "N F"),
        Field("label", "which shape it is", (), "int64", "N", "target", classes, bounded="classes"),
    )


def _image_pairs(options: Mapping[str, int]) -> tuple[Field, ...]:
    channels, height, width = options["channels"], options["height"], options["width"]
    names = ("channels", "height", "width")
    classes = ("ground", *SHAPES)[: options["classes"]]
    small = (channels, height // 2, width // 2)
    return (
        Field(
            "image",
            "shapes, noisy, about 0 to 1",
            (channels, height, width),
            "float32",
            "N C H W",
            sized=names,
        ),
        Field("small", "the same at half the size", small, "float32", "N C H W"),
        Field(
            "target",
            "the same without noise, 0 to 1",
            (channels, height, width),
            "float32",
            "N C H W",
            "target",
            sized=names,
        ),
        Field(
            "inside",
            "1 inside a shape, else 0",
            (1, height, width),
            "float32",
            "N C H W",
            "target",
            sized=("", *names[1:]),
        ),
        Field(
            "mask",
            "the class of each pixel",
            (height, width),
            "int64",
            "N H W",
            "target",
            classes,
            sized=names[1:],
            bounded="classes",
        ),
        Field("label", "which shape is largest", (), "int64", "N", "target", classes[1:]),
    )


def _numbers(options: Mapping[str, int]) -> int:
    return options["channels"] * options["height"] * options["width"]


def _size(high: int) -> tuple[Option, ...]:
    return (
        Option("height", "pixels", 32, 8, high),
        Option("width", "pixels", 32, 8, high),
        Option("channels", "3 for colours, 1 for grey", 3, 1, 16),
    )


PICTURES = (
    Source(
        "digits",
        "Handwritten digits",
        "1,797 scans of 8x8 pixels, ten classes; as images, or their rows as a time series.",
        UCI,
        CC_BY,
        _digits,
    ),
    Source(
        "digit-strings",
        "Strings of handwritten digits",
        "Scans side by side with random gaps, labels without positions: a true CTC task.",
        UCI,
        CC_BY,
        _strings,
        (
            Option("min_digits", "digits in the shortest string", 3, 1, 30),
            Option("max_digits", "digits in the longest string", 7, 1, 30),
            Option("max_gap", "pixels in the widest gap", 4, 0, 16),
            Option("train_strings", "strings for training", 3000, 1, 100_000),
            Option("validation_strings", "strings for validation", 400, 1, 100_000),
            Option("test_strings", "strings for the test", 400, 1, 100_000),
        ),
    ),
    Source(
        "pairs-of-digits",
        "Pairs of handwritten digits",
        "Two scans each, and whether they show the same digit: half of them do.",
        UCI,
        CC_BY,
        _pairs_of_digits,
        (Option("count", "pairs of all three splits", 4000, 20, 100_000),),
    ),
    Source(
        "images",
        "Made-up pictures of shapes",
        "One shape on a noisy ground, of any size, and which of up to ten shapes it is; more classes tell colours.",
        _MADE,
        MADE,
        _images,
        (
            *_size(1024),
            Option("classes", "shapes, times colours above ten", 10, 2, 1000, constant="KINDS"),
            Option("count", "pictures of all three splits", 1200, 20, 100_000, few(_numbers, 1200)),
        ),
        open_classes=True,
    ),
    Source(
        "image-pairs",
        "Made-up pictures and what to make of them",
        "Noisy pictures of some shapes; the clean picture, and the class of each pixel.",
        _MADE,
        MADE,
        _image_pairs,
        (
            *_size(1024),
            Option(
                "classes", "of a pixel: the ground and some shapes", 4, 2, 1 + len(SHAPES), constant="KINDS"
            ),
            Option("count", "pictures of all three splits", 600, 20, 100_000, few(_numbers, 600)),
        ),
        open_classes=True,
    ),
)
