"""Snowflake's SQL that fakesnow does not translate. Importing this module patches fakesnow's cursor."""

import re
import time

import duckdb
import fakesnow.info_schema as info
import fakesnow.transforms
import sqlglot
from changes import Changes, full_name, record
from fakesnow.cursor import FakeSnowflakeCursor as Cursor
from fakesnow.transforms.merge import operations
from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

CHANGING = (
    exp.Alter, exp.Copy, exp.Create, exp.Delete, exp.Insert, exp.Merge, exp.TruncateTable, exp.Update,
)  # fmt: skip
LOCK_TRIES, LOCK_PAUSE = 100, 0.01

transform, explode, execute, run = (
    Cursor._transform, Cursor._transform_explode, Cursor._execute, Cursor.execute,
)  # fmt: skip


# -- one node of a statement -----------------------------------------------------------------------


def translated(cursor, node, changes):
    if isinstance(node, exp.HashAgg):
        return exp.Var(this=hash_agg(node))
    if isinstance(node, exp.ArrayToString) and isinstance(node.this, exp.ArrayCompact):
        # DuckDB ignores nulls, and an ARRAY is JSON here.
        names, between = node.this.this.sql("duckdb"), node.expression.sql("duckdb")
        return exp.Var(this=f"array_to_string(cast(cast({names} as json) as varchar[]), {between})")
    if isinstance(node, exp.Anonymous) and node.name.upper() == "SYSTEM$LAST_CHANGE_COMMIT_TIME":
        return exp.Literal.number(changes.of(node.expressions[0].name))
    if isinstance(node, exp.Create):
        return without_temporary(cursor, node)
    return node


def hash_agg(node):
    """A sum, which does not depend on the order of rows, reduced to the 64 bits of Snowflake's hash."""
    values = (
        f"*columns({node.this.sql('duckdb')})"
        if node.this.is_star
        else ", ".join(value.sql("duckdb") for value in (node.this, *node.expressions))
    )
    folded = f"sum(hash({values})::hugeint) % 18446744073709551616 - 9223372036854775808"
    return f"coalesce(({folded})::decimal(38, 0), 0)"


def without_temporary(cursor, create):
    """Creates a normal relation instead: dbt qualifies temporary relations, DuckDB has them in another catalog."""
    temporary, table = create.find(exp.TemporaryProperty), create.find(exp.Table)
    if temporary is not None and table is not None and table.db:
        temporary.pop()
        kept = cursor._conn.__dict__.setdefault("temporary", [])
        kept.append(f"drop {create.kind} if exists {table.sql('duckdb')}")
    return create


# -- one statement as several, or as another -------------------------------------------------------


def exploded(cursor, statement):
    if isinstance(statement, exp.Alter) and (swap := statement.find(exp.SwapTable)):
        return swapped(statement.this, swap.this)
    if isinstance(statement, exp.Create) and (clone := statement.args.get("clone")):
        # fakesnow's translation loses OR REPLACE.
        statement.set("expression", exp.select("*").from_(clone.this))
        statement.set("clone", None)
    return [statement] if isinstance(statement, exp.Merge) else explode(cursor, statement)


def swapped(one, other):
    temporary = exp.table_("_FS_SWAP", db=other.db or None, catalog=other.catalog or None)
    steps = ((one, temporary), (other, one), (temporary, other))
    return [
        exp.Alter(this=table.copy(), kind="TABLE", actions=[exp.AlterRename(this=exp.to_table(to.name))])
        for table, to in steps
    ]  # fmt: skip


def merge(cursor, statement, params):
    """Uses DuckDB's MERGE: it is atomic and accepts dbt's unqualified names."""
    sql = statement.sql("duckdb") + " returning merge_action"
    done = [row[0] for row in cursor._duck_conn.execute(sql, params or []).fetchall()]
    verbs = {"inserted": "INSERT", "updated": "UPDATE", "deleted": "DELETE"}
    counts = [
        f'{done.count(verbs[verb])} as "number of rows {verb}"'
        for verb, clauses in operations(statement).items()
        if clauses
    ]
    result = sqlglot.parse_one(f"select {', '.join(counts)}", read="duckdb")
    result.set("merge_counts", True)
    execute(cursor, result)


# -- running ---------------------------------------------------------------------------------------


class Transaction:
    """The tables that a session has changed and not yet committed."""

    def __init__(self):
        self.is_open = False
        self.changed = set()


def executed(cursor, statement, params=None):
    connection = cursor._conn
    transaction = connection.__dict__.setdefault("transaction", Transaction())
    try:
        run_step(cursor, statement, params, transaction)
    except duckdb.InterruptException:
        raise ProgrammingError(msg="SQL execution canceled", errno=604, sqlstate="57014") from None
    except duckdb.Error as error:
        message = f"{type(error).__name__}: {error}"
        raise ProgrammingError(msg=message, errno=100000, sqlstate="58000") from error
    if isinstance(statement, exp.Create) and statement.kind == "VIEW":
        TEXTS[full_name(connection, statement.find(exp.Table))] = connection.__dict__["command"]
    if isinstance(statement, CHANGING):
        transaction.changed.update(changed_tables(connection, statement))
    if isinstance(statement, (exp.Transaction, exp.Commit, exp.Rollback)):
        transaction.is_open = isinstance(statement, exp.Transaction)
        if isinstance(statement, exp.Rollback):
            transaction.changed.clear()
    if transaction.changed and not transaction.is_open and not connection._in_transaction:
        record(connection, transaction.changed)
        transaction.changed.clear()


def run_step(cursor, statement, params, transaction):
    step = merge if isinstance(statement, exp.Merge) else execute
    for left in reversed(range(LOCK_TRIES)):
        try:
            return step(cursor, statement, params)
        except duckdb.TransactionException as error:
            if "aborted" in str(error):  # Snowflake's transactions survive a failed statement.
                cursor._conn._duck_conn.rollback()
                transaction.is_open = False
                transaction.changed.clear()
            elif "onflict" not in str(error) or transaction.is_open or not left:
                raise
            time.sleep(LOCK_PAUSE)  # Snowflake waits for the other session's lock.


def changed_tables(connection, statement):
    subject = statement.this if isinstance(statement.this, exp.Expression) else statement
    table = subject.find(exp.Table)
    if table is None:
        return []
    name = full_name(connection, table)
    renamed = [full_name(connection, to.this, name) for to in statement.find_all(exp.AlterRename)]
    return [name, *renamed]


# By database, schema and name of a view: the statement that created it, which is what SHOW VIEWS shows of it.
TEXTS = {}
SHOWN_VIEWS = "_fs_show_views"


def with_texts(table):
    kept = "".join(
        f" when database_name = '{database}' and schema_name = '{schema}' and name = '{name}' then {exp.Literal.string(text).sql('duckdb')}"
        for (database, schema, name), text in TEXTS.items()
    )
    if not kept:
        return table
    query = f"select * replace (case{kept} else text end as text) from {table.sql('duckdb')}"
    return sqlglot.parse_one(query, read="duckdb").subquery(SHOWN_VIEWS)


FUNCTIONS = {}


def functions_kept(cursor, command):
    """Emulates CREATE FUNCTION, DROP FUNCTION and SHOW USER FUNCTIONS; functions can't be called."""
    words = r"^\s*(?:create\s+or\s+replace|drop)\s+function\s+(?:if\s+exists\s+)?(\w+)\.(\w+)\s*\(([^)]*)\)"
    changed = re.search(words, command, re.I)
    shown = re.search(r'^\s*show\s+user\s+functions\s+in\s+schema\s+"(\w+)"\."(\w+)"', command, re.I)
    if changed:
        schema, name, arguments = (part.upper() for part in changed.groups())
        key = cursor._conn.database, schema, name
        if command.strip().lower().startswith("drop"):
            FUNCTIONS.pop(key, None)
        else:
            types = ", ".join(each.split()[-1] for each in arguments.split(",") if each.strip())
            FUNCTIONS[key] = time.time_ns(), f"{name}({types}) RETURN NUMBER"
        return "select 'Function changed.' as \"status\""
    if not shown:
        return command
    rows = [
        f"select '{created}' as \"created_on\", '{name}' as \"name\", '{arguments}' as \"arguments\", 'SQL' as \"language\""
        for (database, schema, name), (created, arguments) in FUNCTIONS.items()
        if (database, schema) == shown.groups()
    ]
    none = 'select 1 as "created_on", 1 as "name", 1 as "arguments", 1 as "language" where false'
    return " union all ".join(rows or [none])


def parameters_kept(cursor, command, *args, **kwargs):
    """Emulates ALTER SESSION and SHOW PARAMETERS."""
    cursor._conn.__dict__["command"] = command
    command = functions_kept(cursor, command)
    kept = cursor._conn.__dict__.setdefault("parameters", {})
    setting = re.search(
        r"^\s*alter\s+session\s+(un)?set\s+(?!autocommit)(\w+)(?:\s*=\s*'?([^';]*)'?)?", command, re.I
    )
    shown = re.search(r"^\s*show\s+parameters\s+like\s+'(\w+)'", command, re.I)
    if setting:
        name = setting[2].upper()
        if setting[1]:
            kept.pop(name, None)
        else:
            kept[name] = setting[3].strip()
        command = "select 'Statement executed successfully.' as \"status\""
    elif shown:
        name = shown[1].upper()
        value = kept.get(name, "").replace("'", "''")
        command = f"""select '{name}' as "key", '{value}' as "value", '' as "default", 'SESSION' as "level" """
    return run(cursor, command, *args, **kwargs)


def all_translated(cursor, statement, params):
    changes = Changes(cursor._conn)
    found = transform(cursor, statement, params).transform(
        lambda node: translated(cursor, node, changes)
    )
    for table in list(found.find_all(exp.Table)):
        if table.name == SHOWN_VIEWS:
            table.replace(with_texts(table))
    return found


Cursor._transform = all_translated
Cursor._transform_explode = exploded
Cursor._execute = executed
Cursor.execute = parameters_kept
# fakesnow casts the sum of a NUMBER to DOUBLE.
fakesnow.transforms.numeric_agg_implicit_cast = lambda node: node
insert_comment = info.insert_table_comment_sql
info.insert_table_comment_sql = lambda catalog, schema, table, text: insert_comment(
    catalog, schema, table, (text or "").replace("'", "''")
)
