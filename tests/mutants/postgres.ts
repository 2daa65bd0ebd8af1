import { type Mutant, oneEdit } from './mutant.ts'

const FORKS = ['tests/contract/postgres-forks.test.ts']
const IDENTITY = ['tests/contract/postgres-identity.test.ts']
const RULES = ['tests/unit/postgres/stream-plan.test.ts']

/** A mutant of one edit. `file` is below the PostgreSQL connection. */
export const inSource = (
  name: string,
  rule: string,
  file: string,
  edit: readonly [string, string],
  tests: readonly string[],
) => oneEdit(name, rule, `connections/postgres/${file}`, edit, tests)

/** When a probe of PostgreSQL may answer "unchanged" (SEMANTICS 8). */
export const POSTGRES_MUTANTS: readonly Mutant[] = [
  inSource(
    'forked-history',
    'only one history is compared (8d)',
    'probe/position.ts',
    ['&& lives.includes(recorded.life)', ''],
    RULES,
  ),
  inSource(
    'life-of-server',
    'a restart is another life (8d)',
    'source/server.ts',
    ['extract(epoch from pg_catalog.pg_postmaster_start_time())::text', "'0'"],
    FORKS,
  ),
  inSource(
    'life-of-embedded',
    'an opening is another life (8d)',
    'embedded/source-state.ts',
    ['randomUUID()].slice', "'life'].slice"],
    FORKS,
  ),
  inSource(
    'snapshot-of-standby',
    'the snapshot of a standby proves nothing (8d)',
    'source/snapshot.ts',
    ['isStandby ? null : await', 'await'],
    FORKS,
  ),
  inSource(
    'same-table',
    'the table is the recorded one (8e)',
    'probe/probe-rules.ts',
    ['attached === null || (attached.length > 0 && cursor === null)', 'false'],
    IDENTITY,
  ),
  inSource(
    'partitions',
    'so are its partitions (8e)',
    'source/read-through.ts',
    ['select i.inhrelid from', 'select i.inhparent from'],
    IDENTITY,
  ),
  inSource(
    'types-at-any-depth',
    'types within types count (8f)',
    'source/catalog.ts',
    ['select t.typelem where t.typelem <> 0\n', 'select t.typelem where false\n'],
    IDENTITY,
  ),
  inSource(
    'unlogged',
    'an unlogged table is never proved (8g)',
    'source/catalog.ts',
    ["when h.any_unlogged then 'unlogged'", ''],
    IDENTITY,
  ),
  inSource(
    'policies',
    'nor is one behind policies (8g)',
    'source/catalog.ts',
    ["when pg_catalog.row_security_active(f.oid) then 'policies'", ''],
    FORKS,
  ),
  inSource(
    'names-of-objects',
    'nor is text that depends on names (8g)',
    'source/select-columns.ts',
    ["? 'names' : null", '? null : null'],
    IDENTITY,
  ),
]
