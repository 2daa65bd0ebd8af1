"""A change token for each table, which fakesnow does not have: a number that increases with every commit.

Import it before `fakesnow.server`, which creates its database at import.
"""

import threading
import time
from functools import cached_property

import fakesnow.info_schema as info
import sqlglot
from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

CHANGES = "_fs_global._fs_information_schema._fs_changes"
info.SQL_CREATE_GLOBAL_FS_INFORMATION_SCHEMA += f"""
    ; create table if not exists {CHANGES} (
        table_catalog text, table_schema text, table_name text, token bigint,
        primary key (table_catalog, table_schema, table_name))"""
# fakesnow reports 0 for every table. Tests only need a size that grows with the rows.
info.SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW.template = (
    info.SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW.template.replace(
        '0 AS "BYTES"', 'tables.estimated_size * 64 AS "BYTES"'
    )
)

lock = threading.Lock()


def record(connection, names):
    """Increases the token of each table. A separate connection avoids the open transaction."""
    with lock, connection._duck_conn.cursor() as cursor:
        for name in names:
            cursor.execute(
                f"""insert into {CHANGES} values (?, ?, ?, ?)
                on conflict do update set token = greatest(token + 1, excluded.token)""",
                [*name, time.time_ns()],
            )


def full_name(connection, table, near=(None, None)):
    """Database, schema and name. Missing parts are taken from `near`, then from the session."""
    return (
        table.catalog or near[0] or connection.database or "",
        table.db or near[1] or connection.schema or "",
        table.name,
    )


class Changes:
    """The values of SYSTEM$LAST_CHANGE_COMMIT_TIME for one statement, read at its first use."""

    def __init__(self, connection):
        self.connection = connection

    def of(self, text):
        """The token of a table, or the newest one of the tables below a view."""
        name = full_name(self.connection, exp.to_table(text.upper(), dialect="snowflake"))
        found = self.below(name)
        if not found:
            message = f"SQL compilation error:\nObject '{text}' does not exist or not authorized."
            raise ProgrammingError(msg=message, errno=2003, sqlstate="42S02")
        return max(found)

    def below(self, name):
        key = tuple(part.upper() for part in name)
        if key not in self.views:
            return [self.tokens[key]] if key in self.tokens else []
        query = sqlglot.parse_one(self.views[key], read="duckdb").expression
        tables = [
            (table.catalog or name[0], table.db or name[1], table.name)
            for table in query.find_all(exp.Table)
        ]
        return [token for table in tables for token in self.below(table)]

    @cached_property
    def views(self):
        return self.read("select database_name, schema_name, view_name, sql from duckdb_views()")

    @cached_property
    def tokens(self):
        return self.read(
            f"""select table_catalog, table_schema, table_name, token from {CHANGES}
            where (table_catalog, table_schema, table_name) in
                (select (database_name, schema_name, table_name) from duckdb_tables())"""
        )

    def read(self, sql):
        with self.connection._duck_conn.cursor() as cursor:
            rows = cursor.execute(sql).fetchall()
        return {tuple(part.upper() for part in row[:3]): row[3] for row in rows}
