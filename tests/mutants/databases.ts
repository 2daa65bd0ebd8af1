import { type Mutant, oneEdit } from './mutant.ts'

const DUCKDB = ['tests/contract/duckdb.test.ts']
const CATALOG = ['tests/unit/kind-dbt/catalog-functions.test.ts']
const OBSERVE = ['tests/unit/kinds/observe-relations.test.ts']
const MOVES = ['tests/property/semantics-of-moves.test.ts']
const DEFINE = ['tests/unit/kind-dbt/define.test.ts']
const ATTACHED = ['tests/contract/kind-dbt-databases.test.ts']
const FRESHNESS = [
  'tests/unit/kind-dbt/catalog-functions.test.ts',
  'tests/contract/kind-dbt-source-freshness.test.ts',
]
const SNOWFLAKE = ['tests/unit/warehouses/snowflake-databases.test.ts']

/** dbt's own DuckDB (SEMANTICS 2d), relations in other databases (44), and dbt's own source freshness (45). */
export const DATABASE_MUTANTS: readonly Mutant[] = [
  oneEdit(
    'failed-look-is-proved',
    'the token of the warehouse proves nothing of an external whose last look failed (14f)',
    'kinds/observe-relations.ts',
    ['(isOfPlace(request) && isSure(request))', 'isOfPlace(request)'],
    OBSERVE,
  ),
  oneEdit(
    'own-duckdb-for-every-dbt',
    'a file is read with the DuckDB that dbt has (2d)',
    'engines/duckdb/library.ts',
    ['ofDbt === null || minorVersion(ofDbt.version) === minorVersion(own)', 'true'],
    ['tests/contract/duckdb-of-dbt.test.ts'],
  ),
  oneEdit(
    'database-of-a-node-ignored',
    'a relation in another database begins with it (44a)',
    'kinds/dbt/manifest/catalog.ts',
    [
      'relationText({ database, schema, name: alias })',
      'relationText({ database: null, schema, name: alias })',
    ],
    CATALOG,
  ),
  oneEdit(
    'database-of-a-source-ignored',
    'a source in another database is not the table of that name in the own one (44a)',
    'kinds/dbt/manifest/catalog.ts',
    [
      'relationText({ database, schema, name: identifier })',
      'relationText({ database: null, schema, name: identifier })',
    ],
    ATTACHED,
  ),
  oneEdit(
    'any-database-is-the-own-one',
    'tables of one name in two databases are two (44a)',
    'warehouses/duckdb/reader.ts',
    ["= current_database() then ''", "is not null then ''"],
    DUCKDB,
  ),
  oneEdit(
    'own-name-of-another-database',
    'a write without a database is to the own one (44a)',
    'kinds/dbt/worker/worker_nodes.py',
    ['(address[0] == schema and not elsewhere)', 'address[0] == schema'],
    ATTACHED,
  ),
  oneEdit(
    'token-without-attached-files',
    'the change token is that of attached files too (44c)',
    'warehouses/duckdb/other-databases.ts',
    ['hash(digest, file, ...places)', 'hash(digest, file)'],
    DUCKDB,
  ),
  oneEdit(
    'attached-file-without-identity',
    'another file that was moved there has another token (44c)',
    'warehouses/duckdb/attached-file.ts',
    ['stats === undefined || token === null ?', "token !== '' ?"],
    DUCKDB,
  ),
  oneEdit(
    'attached-file-changed-unseen',
    'there is no token after another program has changed an attached file between two uses (44c)',
    'warehouses/duckdb/attached-file.ts',
    [
      'token !== this.#last) this.#isContinuous = false',
      'token !== this.#last) this.#last = token',
    ],
    DUCKDB,
  ),
  oneEdit(
    'unseen-is-proved',
    'a change token proves nothing of a database that sessions can not see (44d)',
    'kinds/observe-relations.ts',
    [
      '    if (why !== null) {\n      found.set(request',
      '    if (false) {\n      found.set(request',
    ],
    OBSERVE,
  ),
  oneEdit(
    'unseen-is-absent',
    'what can not be seen is not absent (44d)',
    'kinds/observe-relations.ts',
    ["return why === null ? { state: 'absent' } :", "return why !== '' ? { state: 'absent' } :"],
    OBSERVE,
  ),
  oneEdit(
    'no-grant-is-absent',
    'a database that the role may not use is not one without tables (44d)',
    'warehouses/snowflake/catalogue.ts',
    ['else others.refused(database, schema, refused)', 'else others.shown(database, schema)'],
    SNOWFLAKE,
  ),
  oneEdit(
    'prunes-in-another-database',
    'nothing is dropped in another database (44e)',
    'plan/leftovers.ts',
    ['if (database !== null) return `assets drops', 'if (database === "") return `assets drops'],
    MOVES,
  ),
  oneEdit(
    'prunes-the-namesake',
    'a record without a database may be about a table of another one (44e)',
    'plan/leftovers.ts',
    ['return isNow ? `it may be', 'return now === "" ? `it may be'],
    MOVES,
  ),
  oneEdit(
    'verifies-in-another-database',
    'verify leaves out what is in another database (44e)',
    'plan/verify.ts',
    ['if (database !== null) return `it is in', 'if (database === "") return `it is in'],
    ['tests/unit/verify.test.ts'],
  ),
  oneEdit(
    'freshness-without-a-clock',
    'the freshness of a source is asked in every run (45b)',
    'kinds/dbt/manifest/catalog.ts',
    ['version, clock: true })', 'version, clock: false })'],
    FRESHNESS,
  ),
  oneEdit(
    'freshness-never-gates',
    'a source past error_after holds back what reads it (45c)',
    'kinds/dbt/manifest/catalog.ts',
    ["freshness.error ? 'error' : 'warn'", "'warn'"],
    FRESHNESS,
  ),
  oneEdit(
    'freshness-always-gates',
    'without error_after, a source holds back nothing (45c)',
    'kinds/dbt/worker/worker_build.py',
    ['or bool(node.freshness.error_after)', 'or True'],
    FRESHNESS,
  ),
  oneEdit(
    'freshness-is-the-source',
    'what reads the source reads its asset, not the check (45a)',
    'kinds/dbt/define.ts',
    ['return named.filter(([, id]) => !sources.has(id))', 'return sources.size < 0 ? [] : named'],
    DEFINE,
  ),
]
