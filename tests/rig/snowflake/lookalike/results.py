"""Results in the format of snowflake-sdk: rows of text, the first ones inline and the rest by URL.

fakesnow responds in Arrow, which Python's connector reads but Node's driver does not.
"""

from contextvars import ContextVar
from datetime import date

import fakesnow.arrow
import fakesnow.server as fakesnow_server
import pyarrow

INLINE = 10_000
CHUNK = 50_000
KEPT = 50
# Drivers format values with these parameters, and crash on BINARY when they are missing.
FORMATS = {
    "TIMEZONE": "Etc/UTC",
    "BINARY_OUTPUT_FORMAT": "HEX",
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "TIME_OUTPUT_FORMAT": "HH24:MI:SS",
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3",
}
UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
EPOCH = date(1970, 1, 1)

is_node = ContextVar("is_node", default=False)
captured = ContextVar("captured", default=None)
arrow_of, bytes_of = fakesnow_server.to_sf, fakesnow_server.to_ipc
struct_of = fakesnow.arrow.timestamp_to_sf_struct


class Result:
    """A result, converted to rows on request. `types` are Snowflake's names for the column types."""

    def __init__(self, table, rowtype):
        self.table = table
        self.types = [column["type"] for column in rowtype]

    def rows(self, start, count):
        part = self.table.slice(start, count)
        columns = [texts(column, kind) for column, kind in zip(part.columns, self.types)]
        return [list(row) for row in zip(*columns)]

    def chunks(self):
        return [
            (start, min(CHUNK, self.table.num_rows - start))
            for start in range(INLINE, self.table.num_rows, CHUNK)
        ]


def texts(column, kind):
    if kind.startswith("time"):
        zone = " 1440" if kind == "timestamp_tz" else ""  # minutes east of UTC, plus a day
        unit = UNITS[column.type.unit]
        column = column.cast("int64")
        show = lambda value: seconds(value, unit) + zone  # noqa: E731
    else:
        show = SHOWN.get(kind, str)
    return [None if value is None else show(value) for value in column.to_pylist()]


def seconds(value, unit):
    """Sign and magnitude, with nine decimals."""
    whole, rest = divmod(abs(value), unit)
    return f"{'-' if value < 0 else ''}{whole}.{rest * (10**9 // unit):09d}"


SHOWN = {
    "boolean": lambda value: "1" if value else "0",
    "date": lambda value: str((value - EPOCH).days),
    "fixed": lambda value: format(value, "f") if hasattr(value, "as_tuple") else str(value),
    "binary": lambda value: value.hex().upper(),
}


def capture(table, rowtype):
    if not is_node.get():
        return arrow_of(table, rowtype)
    captured.set(Result(table, rowtype))
    return table


def struct_with_nulls(timestamps):
    """Keeps nulls, which fakesnow sends to Python as 1970-01-01."""
    if isinstance(timestamps, pyarrow.ChunkedArray):
        timestamps = timestamps.combine_chunks()
    whole = struct_of(timestamps)
    return pyarrow.StructArray.from_arrays(
        whole.flatten(), fields=list(whole.type), mask=timestamps.is_null()
    )


fakesnow.arrow.timestamp_to_sf_struct = struct_with_nulls
fakesnow_server.to_sf = capture
fakesnow_server.to_ipc = lambda table: b"" if is_node.get() else bytes_of(table)
