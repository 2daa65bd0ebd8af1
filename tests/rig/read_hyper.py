"""Prints the columns and rows of .hyper files as JSON, read by the vendor's own driver. One process reads all files."""

import json
import sys
from decimal import Decimal

from tableauhyperapi import Connection, HyperProcess, TableName, Telemetry


def read(process, path):
    with Connection(process.endpoint, path) as connection:
        tables = [
            str(table)
            for schema in connection.catalog.get_schema_names()
            for table in connection.catalog.get_table_names(schema)
        ]
        table = TableName("Extract", "Extract")
        columns = [
            [column.name.unescaped, str(column.type)]
            for column in connection.catalog.get_table_definition(table).columns
        ]
        rows = connection.execute_list_query(f"select * from {table}")
        return {
            "tables": tables,
            "columns": columns,
            "rows": [[text(cell) for cell in row] for row in rows],
        }


def text(cell):
    # The driver keeps the zeros at the end of some decimals only.
    if isinstance(cell, Decimal):
        digits = f"{cell:f}"
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    return None if cell is None else str(cell)


with HyperProcess(Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_config": ""}) as process:
    print(json.dumps([read(process, path) for path in sys.argv[1:]]))
