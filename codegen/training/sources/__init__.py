"""The data sets that need no download: what they hold, where they come from, which options they have.

Plain declarations: nothing here reads data. The code is in `codegen/child/data`, and `codegen.training.data_code`
prints of it what a design uses.
"""

from __future__ import annotations

from collections.abc import Mapping

from codegen.training.sources.declare import Field, Option, Source
from codegen.training.sources.pictures import PICTURES
from codegen.training.sources.signals import SIGNALS
from codegen.training.sources.tables import TABLES
from codegen.training.sources.texts import TEXTS

SOURCES: Mapping[str, Source] = {source.name: source for source in (*PICTURES, *TEXTS, *SIGNALS, *TABLES)}

__all__ = ["SOURCES", "Field", "Option", "Source"]
