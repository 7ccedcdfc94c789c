"""Tables that come with scikit-learn: real measurements, standardised on the rows for training."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from codegen.training.sources.declare import Field, Source

_SHIPPED = "; the table that comes with scikit-learn"


def _table(columns: int, *targets: Field) -> Callable[[Mapping[str, int]], tuple[Field, ...]]:
    found = (
        Field("features", "measurements, mean 0 and deviation 1", (columns,), "float32", "N F"),
        Field(
            "codes",
            f"in which quarter each lies: column * 4 + 0 to 3, below {4 * columns}",
            (columns,),
            "int64",
            "N T",
            below=4 * columns,
        ),
        *targets,
    )
    return lambda options: found


def _label(classes: tuple[str, ...]) -> Field:
    return Field("label", "the class", (), "int64", "N", "target", classes)


TABLES = (
    Source(
        "wine",
        "Wines",
        "178 wines of three growers, 13 chemical measurements each.",
        f"Wine, S. Aeberhard and M. Forina, UCI Machine Learning Repository, 1991, doi:10.24432/C5PC7J{_SHIPPED}",
        "CC BY 4.0",
        _table(13, _label(("grower 1", "grower 2", "grower 3"))),
    ),
    Source(
        "breast-cancer",
        "Breast cancer",
        "569 tumours, 30 measurements of their cells each; malignant or benign.",
        "Breast Cancer Wisconsin (Diagnostic), W. Wolberg, O. Mangasarian, N. Street and W. Street, UCI Machine "
        f"Learning Repository, 1993, doi:10.24432/C5DW2B{_SHIPPED}",
        "CC BY 4.0",
        _table(
            30,
            _label(("malignant", "benign")),
            Field("value", "1 if benign, else 0", (1,), "float32", "N F", "target"),
        ),
    ),
    Source(
        "diabetes",
        "Diabetes",
        "442 patients, 10 measurements each, and how far the illness had gone a year later.",
        "B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, Least angle regression, Annals of Statistics, 2004"
        f"{_SHIPPED}",
        "BSD-3-Clause (scikit-learn)",
        _table(10, Field("value", "how far, mean 0 and deviation 1", (1,), "float32", "N F", "target")),
    ),
)
