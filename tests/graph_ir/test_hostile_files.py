"""Nothing in a design file crashes, hangs, runs or is written: it is read, or refused in one sentence."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from graph_ir.check import check
from graph_ir.file import Unreadable, dump, parse, read
from graph_ir.summary import summary
from tests.graph_ir import hostile, hostile_cases

LONGEST = 5.0  # seconds of this process; other processes do not count


def go_all_the_way(data: bytes) -> str:
    """Reads, checks, sums up and writes; "unreadable", "ok" or "errors"."""
    try:
        design = parse(data, hostile.NAME)
    except Unreadable as error:
        assert error.text.startswith(f"{hostile.NAME}:")
        assert error.text.isprintable(), "a sentence, and nothing a terminal would obey"
        assert len(error.text) < 500
        return "unreadable"
    report = check(design)
    for problem in report.problems:
        assert problem.message.isprintable()
    found = summary(design, report)
    json.dumps(found.as_json(), allow_nan=False)
    for text in (found.as_text(), found.as_csv(), found.as_markdown(), found.as_latex()):
        text.encode()
    canonical = dump(design)
    assert dump(parse(canonical)) == canonical, "the canonical text is its own canonical text"
    assert dump(design.copy()) == canonical
    return "ok" if report.ok else "errors"


def test_every_named_case_has_its_sentence() -> None:
    text = "".join(hostile_cases.sentences())
    assert text == hostile_cases.GOLDEN.read_text(encoding="utf-8"), (
        "sentences changed: read the difference, then python -m tests.graph_ir.hostile_cases > tests/golden/errors.txt"
    )


def test_no_two_cases_are_the_same() -> None:
    made = Counter(make() for make in (hostile_cases.UNREADABLE | hostile_cases.MARKED).values())
    assert not [data[:200] for data, count in made.items() if count > 1]


@pytest.mark.parametrize("seed", range(4))
def test_hostile_variants_are_read_or_refused(seed: int) -> None:
    verdicts: Counter[str] = Counter()
    for data in hostile.variants(seed, 100):
        began = time.process_time()
        verdicts[go_all_the_way(data)] += 1
        assert time.process_time() - began < LONGEST
    assert set(verdicts) == {"unreadable", "ok", "errors"}, "all ways are walked"


@pytest.mark.parametrize("seed", range(3))
def test_hostile_blocks_are_read_or_refused(seed: int) -> None:
    verdicts: Counter[str] = Counter()
    for data in hostile.block_variants(seed, 150):
        began = time.process_time()
        verdicts[go_all_the_way(data)] += 1
        assert time.process_time() - began < LONGEST
    assert set(verdicts) == {"unreadable", "ok", "errors"}, "all ways are walked"


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_hostile_blocks_are_read_or_refused(seed: int) -> None:
    for data in hostile.block_variants(seed, 250):
        began = time.process_time()
        go_all_the_way(data)
        assert time.process_time() - began < LONGEST


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_hostile_variants_are_read_or_refused(seed: int) -> None:
    for data in hostile.variants(seed, 250):
        began = time.process_time()
        go_all_the_way(data)
        assert time.process_time() - began < LONGEST


@pytest.mark.parametrize("entry", hostile.sorted_templates(), ids=lambda entry: entry.name)
def test_cut_anywhere_it_is_refused(entry: Path) -> None:
    data = entry.read_bytes().rstrip()
    for end in range(0, len(data), 37):
        with pytest.raises(Unreadable):
            parse(data[:end])


def test_line_endings_and_byte_order_mark_make_no_difference() -> None:
    plain = hostile.encoded(hostile.SMALL)
    wanted = dump(parse(plain))
    assert dump(parse(b"\xef\xbb\xbf" + plain)) == wanted
    assert dump(parse(plain.replace(b"\n", b"\r\n"))) == wanted
    assert not wanted.startswith("\ufeff") and "\r" not in wanted


def test_unknown_keys_are_kept() -> None:
    more = {
        "training": {"epochs": 2, "stages": [{"train": ["fc"]}], "mine": {"a": None}},
        "layout": {"network": {"layers": {}, "zones": [1], "frames": []}, "zoom": 1.5},
        "diagram": {"ours": "x"},
        "about": {"title": "t", "more": [True]},
        "somebody else's": {"deep": [[1, 2], {"k": "v"}]},
    }
    kept = json.loads(dump(parse(json.dumps(hostile.SMALL | more))))
    assert {key: kept[key] for key in more} == more


def test_an_unknown_layer_is_kept_as_it_is() -> None:
    entry = {"type": "Mamba2", "d_state": 64, "zeta": [1, {"a": None}], "label": "scan"}
    design = parse(hostile.with_layer("scan", **entry))
    assert json.loads(dump(design))["network"]["layers"]["scan"] == entry


def test_an_unknown_field_is_kept_and_is_an_error() -> None:
    design = parse(hostile.with_field("fc", out_feature=10))
    assert json.loads(dump(design))["network"]["layers"]["fc"]["out_feature"] == 10
    assert [problem.code for problem in check(design).problems] == ["unknown-field"]


def test_the_order_of_layers_is_kept() -> None:
    layers = dict(reversed(hostile.SMALL["network"]["layers"].items()))
    data = hostile.changed(lambda d: d["network"].update(layers=layers))
    assert list(json.loads(dump(parse(data)))["network"]["layers"]) == list(layers)


@pytest.mark.parametrize("depth", [50, 190])
def test_what_is_nested_deeply_but_allowed_is_read_and_written(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    data = hostile.encoded(hostile.SMALL).replace(b'"epochs": 2', f'"epochs": 2, "deep": {deep}'.encode())
    assert go_all_the_way(data) == "ok"


@pytest.mark.parametrize(
    "kind",
    [
        "layers",
        "wires to nowhere",
        "duplicate keys",
        "a long id",
        "a long text",
        "a large list",
        "backslashes",
    ],
)
def test_large_hostile_files_do_not_hang(kind: str) -> None:
    began = time.process_time()
    go_all_the_way(_large(kind))
    assert time.process_time() - began < LONGEST


def _large(kind: str) -> bytes:
    if kind == "layers":
        return hostile.changed(
            lambda d: d["network"].update(
                layers={f"r{i}": {"type": "ReLU"} for i in range(10_000)},
                wires=[[f"r{i}.y", f"r{i + 1}.x"] for i in range(9_999)],
            )
        )
    if kind == "wires to nowhere":
        ids = {f"layer number {i}": {"type": "ReLU"} for i in range(9_000)}
        return hostile.changed(
            lambda d: d["network"].update(layers=ids, wires=[["layer number x" * 10_000, "y.x"]])
        )
    if kind == "duplicate keys":
        keys = ",".join(f'"k{i}":0' for i in range(200_000))
        return hostile.replaced('"epochs": 2', f'"epochs": 2, "more": {{{keys},"k199999":0}}')
    if kind == "a long id":
        return hostile.with_layer("x" * 5_000_000, type="ReLU")
    if kind == "a long text":
        return hostile.with_field("conv1", label="=" * 5_000_000, padding_mode="zeros" * 1_000_000)
    if kind == "a large list":
        return hostile.with_field("conv1", kernel_size=[3] * 300_000)
    return hostile.replaced('"epochs": 2', '"note": "' + "\\\\" * 2_000_000 + '"')


@pytest.mark.parametrize(
    "make",
    [hostile.many_terms, hostile.many_symbols, hostile.doubled, hostile.many_inputs],
    ids=lambda make: make.__name__,
)
def test_sizes_that_grow_do_not_hang(make: Callable[[], bytes]) -> None:
    began = time.process_time()
    go_all_the_way(make())
    assert time.process_time() - began < LONGEST


def test_sizes_that_multiply_without_end() -> None:
    def change(design: dict[str, dict[str, dict[str, dict[str, object]]]]) -> None:
        design["network"]["layers"]["image"]["shape"] = ["N", *[2**62] * 300]
        design["network"].update(wires=[["image.y", "flat.x"], ["flat.y", "fc.x"], ["fc.y", "out.x"]])  # type: ignore[arg-type]
        del design["network"]["layers"]["conv1"]

    assert go_all_the_way(hostile.changed(change)) == "errors"


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    fifo, loop, socket_like = (
        tmp_path / "fifo.loom.json",
        tmp_path / "loop.loom.json",
        tmp_path / "gone.loom.json",
    )
    os.mkfifo(fifo)
    loop.symlink_to(loop)
    socket_like.symlink_to(tmp_path / "nothing")
    closed = tmp_path / "file" / "x.loom.json"
    (tmp_path / "file").write_text("")
    for path in (
        fifo,
        loop,
        socket_like,
        closed,
        tmp_path,
        Path("/dev/null"),
        Path("/dev/zero"),
        tmp_path / ("n" * 300),
    ):
        with pytest.raises(Unreadable) as caught:
            read(path)
        assert caught.value.text.startswith(str(path))


def test_a_fifo_with_a_writer_does_not_block(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.loom.json"
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: os.close(os.open(fifo, os.O_RDWR)))
    writer.start()
    with pytest.raises(Unreadable, match="regular"):
        read(fifo)
    writer.join()


def test_a_sparse_file_of_65_mib(tmp_path: Path) -> None:
    path = tmp_path / "large.loom.json"
    with open(path, "wb") as file:
        file.truncate(65 << 20)
    with pytest.raises(Unreadable, match="67,108,864 bytes"):
        read(path)


def test_a_name_with_a_nul_byte() -> None:
    with pytest.raises(Unreadable):
        read("a\0b.loom.json")


def test_reading_writes_nothing_and_looks_at_no_other_file(tmp_path: Path) -> None:
    inside = {"source": "../../secret.npz", "files": ["/dev/zero", "~/x", "$(touch pwned)"]}
    path = tmp_path / "net.loom.json"
    path.write_bytes(hostile.changed(lambda d: d["training"].update(data=inside)))
    before = path.read_bytes(), path.stat().st_mtime_ns
    design = read(path)
    check(design)
    dump(design)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == [path]
