"""Texts: words, sentences, documents and characters as numbers. 0 is padding, everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from codegen.training.sources.declare import MADE, Field, Option, Source, numbers

ALPHABET = "\n !\"'(),-.:;?abcdefghijklmnopqrstuvwxyz"
TAGS = ("padding", "noun", "verb", "adjective", "adverb", "article", "not")
SIGNS = ("padding", "start", "end", *"0123456789")
_MADE = "made up by data.py, by seed; no natural language"
_CARROLL = "Lewis Carroll, Alice's Adventures in Wonderland, 1865, chapter I; in small letters"


class _Bound(TypedDict):
    below: int
    bounded: str


def _vocabulary(options: Mapping[str, int]) -> _Bound:
    return {"below": options["vocabulary"], "bounded": "vocabulary"}


def _documents(options: Mapping[str, int]) -> tuple[Field, ...]:
    size = (options["sentences"], options["words"])
    sized, topics = ("sentences", "words"), numbers(options["classes"])
    about = "numbers of words, padded with 0"
    return (
        Field("words", about, size, "int64", "N S T", sized=sized, **_vocabulary(options)),
        Field("sentence_count", "sentences of each", (), "int64", "N", "lengths", of="words", axis=1),
        Field(
            "word_count",
            "words of each sentence",
            size[:1],
            "int64",
            "N S",
            "lengths",
            of="words",
            axis=2,
            sized=sized[:1],
        ),
        Field("label", "its topic", (), "int64", "N", "target", topics, bounded="classes"),
    )


def _sentences(options: Mapping[str, int]) -> tuple[Field, ...]:
    size, sized = (options["words"],), ("words",)
    return (
        Field(
            "tokens",
            "numbers of words, padded with 0",
            size,
            "int64",
            "N T",
            sized=sized,
            **_vocabulary(options),
        ),
        Field("token_count", "words of each sentence", (), "int64", "N", "lengths", of="tokens"),
        Field("label", "its mood", (), "int64", "N", "target", ("bad", "good")),
        Field(
            "tags", "the kind of each word; 0 is padding", size, "int64", "N T", "target", TAGS, sized=sized
        ),
        Field("tag_count", "words of each sentence", (), "int64", "N", "lengths", of="tags"),
    )


def _windows(classes: tuple[str, ...], options: Mapping[str, int], bounded: str = "") -> tuple[Field, ...]:
    size, sized, ahead = (options["window"],), ("window",), "at each step what follows"
    return (
        Field("text", "a window", size, "int64", "N T", sized=sized, below=len(classes), bounded=bounded),
        Field("next", ahead, size, "int64", "N T", "target", classes, sized=sized, bounded=bounded),
        Field("following", "what follows the window", (), "int64", "N", "target", classes, bounded=bounded),
    )


def _characters(options: Mapping[str, int]) -> tuple[Field, ...]:
    return _windows(tuple(ALPHABET), options)


def _words(options: Mapping[str, int]) -> tuple[Field, ...]:
    return _windows(numbers(options["vocabulary"]), options, "vocabulary")


def _pairs(options: Mapping[str, int]) -> tuple[Field, ...]:
    source, target = (options["max_digits"],), (options["max_digits"] + 1,)
    return (
        Field(
            "source",
            "digits, padded with 0; digit d is d + 3",
            source,
            "int64",
            "N S",
            sized=("max_digits",),
            below=len(SIGNS),
        ),
        Field("source_count", "digits of each", (), "int64", "N", "lengths", of="source"),
        Field(
            "target_in", "start (1) and the target but for its end", target, "int64", "N T", below=len(SIGNS)
        ),
        Field("target_in_count", "of it", (), "int64", "N", "lengths", of="target_in"),
        Field("target", "the digits backwards and the end (2)", target, "int64", "N T", "target", SIGNS),
        Field("target_count", "of it", (), "int64", "N", "lengths", of="target"),
    )


TEXTS = (
    Source(
        "documents",
        "Made-up documents of many topics",
        "Sentences of words, both of any number; each topic has words of its own among those of all.",
        _MADE,
        MADE,
        _documents,
        (
            Option("classes", "topics", 30, 2, 1000, constant="TOPICS"),
            Option("sentences", "sentences in the longest document", 8, 1, 100),
            Option("words", "words in the longest sentence", 12, 2, 200),
            Option("vocabulary", "how many numbers words have, 0 included", 1000, 100, 1_000_000),
            Option("count", "documents of all three splits", 1800, 20, 100_000),
        ),
        open_classes=True,
    ),
    Source(
        "sentences",
        "Made-up sentences",
        "Words of some kinds in an order that grammar allows; their kinds, and the mood of the whole.",
        _MADE,
        MADE,
        _sentences,
        (
            Option("words", "words in the longest sentence", 16, 4, 512),
            Option("vocabulary", "how many numbers words have, 0 included", 200, 100, 1_000_000),
            Option("count", "sentences of all three splits", 2000, 20, 100_000),
        ),
        open_classes=True,
    ),
    Source(
        "characters",
        "Characters of a book",
        "Windows over the first chapter of Alice's Adventures in Wonderland, one behind the other.",
        _CARROLL,
        "public domain",
        _characters,
        (Option("window", "characters in a window", 30, 1, 500),),
        open_classes=True,
        is_ordered=True,
        text="alice.txt",
    ),
    Source(
        "words",
        "Words of a book",
        "Windows over the first chapter of Alice's Adventures in Wonderland, as numbers of words.",
        _CARROLL,
        "public domain",
        _words,
        (
            Option("window", "words in a window", 20, 1, 100),
            Option("vocabulary", "the most frequent words; 0 stands for all others", 500, 10, 1000),
        ),
        open_classes=True,
        is_ordered=True,
        text="alice.txt",
    ),
    Source(
        "pairs",
        "Digits to be read backwards",
        "A sequence of digits and the same backwards: the smallest task of translation.",
        _MADE,
        MADE,
        _pairs,
        (
            Option("min_digits", "digits in the shortest", 3, 1, 200),
            Option("max_digits", "digits in the longest", 8, 1, 200),
            Option("count", "pairs of all three splits", 3000, 20, 100_000),
        ),
        open_classes=True,
    ),
)
