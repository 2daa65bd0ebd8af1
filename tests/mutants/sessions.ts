import { type Mutant, oneEdit } from './mutant.ts'
import { inSource as mutant } from './postgres.ts'

const TRANSACTION = ['tests/unit/postgres/transaction.test.ts']
const LOGIN = ['tests/unit/lib/postgres-login.test.ts', 'tests/unit/lib/postgres-url.test.ts']
const PROBLEMS = ['tests/unit/postgres/problems.test.ts']
const SERVER = ['tests/contract/postgres-server.test.ts']
const POOLERS = ['tests/contract/postgres-poolers.test.ts']

/** Sessions with a PostgreSQL source, their settings, and how they are opened (SEMANTICS 39). */
export const SESSION_MUTANTS: readonly Mutant[] = [
  mutant(
    'settings-for-the-session',
    'a setting ends with its transaction (39a)',
    'source/transaction.ts',
    [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
      '`set local ${setting} = ${value}`',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
      '`set ${setting} = ${value}`',
    ],
    TRANSACTION,
  ),
  mutant(
    'session-as-found',
    'what other clients have set is reset (39a)',
    'source/transaction.ts',
    ["'reset all',", ''],
    TRANSACTION,
  ),
  mutant(
    'reset-stays',
    'the transaction is rolled back, and the reset with it (39a)',
    'source/transaction.ts',
    ["text: 'rollback'", "text: 'commit'"],
    TRANSACTION,
  ),
  mutant(
    'timeouts-of-the-session',
    'timeouts are set for the transaction only (39a, 39c)',
    'source/transaction.ts',
    ["set_config(name, '0', true)", "set_config(name, '0', false)"],
    TRANSACTION,
  ),
  mutant(
    'export-in-a-savepoint',
    'several sessions share a snapshot (39b)',
    'source/snapshot.ts',
    [
      'exported ??= exportSnapshot(lead)',
      'exported ??= withSavepoint(lead, () => exportSnapshot(lead))',
    ],
    SERVER,
  ),
  mutant(
    'any-server',
    'sessions of one load reach one server (39b)',
    'source/snapshot.ts',
    ['if (!isWithoutSnapshot(error)) throw error', 'throw error'],
    POOLERS,
  ),
  mutant(
    'timeout-without-name',
    'a timeout is named by its setting (39c)',
    'problems.ts',
    [
      "return /statement timeout/.test(message) ? server('statement_timeout') : null",
      'return null',
    ],
    PROBLEMS,
  ),
  mutant(
    'hba-as-password',
    'a refusal by pg_hba.conf is no wrong password',
    'problems.ts',
    ['if (isRefusedByHba(error)) {', 'if (isRefusedByHba(null)) {'],
    PROBLEMS,
  ),
  oneEdit(
    'prefer-without-fallback',
    'sslmode=prefer connects without TLS if the server has none',
    'lib/postgres-url.ts',
    ['return [tls, plain]', 'return [tls]'],
    LOGIN,
  ),
  oneEdit(
    'fallback-hides-tls',
    'of two errors the one that says why TLS failed is reported',
    'lib/postgres-login.ts',
    ['return saysLittle && !lacksTls(first) ? first : second', 'return second'],
    LOGIN,
  ),
]
