import { expect, test } from 'vitest'
import { isSecretName, secretsIn } from '../../../framework/config/target/secret-detection.ts'
import { parseTemplate } from '../../../framework/config/target/template.ts'
import { fqnMatcher } from '../../../framework/graph/selection/fqn.ts'
import { parseSelection } from '../../../framework/graph/selection/parse.ts'
import { tokenize } from '../../../framework/kinds/dbt/code-version/tokens.ts'
import { FileReads } from '../../../framework/kinds/dbt/manifest/file-reads.ts'
import { plainSql } from '../../../framework/kinds/dbt/plain-sql.ts'
import { closest } from '../../../framework/lib/did-you-mean.ts'
import { parseDuration } from '../../../framework/lib/duration.ts'
import { redact } from '../../../framework/lib/output-text.ts'
import { addressOf, connectAttempts } from '../../../framework/lib/postgres-url.ts'
import { createRedactor } from '../../../framework/lib/redact.ts'
import { trimEndOf } from '../../../framework/lib/trim-end.ts'
import { relationParts } from '../../../framework/model/relation-name.ts'
import { maskSecrets } from '../../../framework/report/mask-secrets.ts'
import { viewsThatRead } from '../../../framework/warehouses/view-sources.ts'

/** A pattern that tries the rest of a text at each of its places takes hours for it. Vitest ends what hangs. */
const LENGTH = 1_000_000

const nodeOf = (naming: string) => ({ naming, macros: [], language: 'sql' }) as never
const reads = new FileReads({ adapter: 'duckdb', macros: [] } as never)
const nameOf = (name: string) => ({ database: 'd', schema: 's', name })

/** What is called, and the pieces that its text repeats: what one of its patterns may begin with. */
const READERS: readonly [string, (text: string) => unknown, ...string[]][] = [
  ['secretsIn', secretsIn, 'A', 'a://', ':', 'a=', "a='", 'a '],
  ['a password in a URL', (text) => secretsIn(`a://${text}`), ':', 'a:', '%'],
  ['isSecretName', isSecretName, 'a', 'A', '_'],
  ['parseTemplate', parseTemplate, '${', '${A:-', '$'],
  ['parseSelection', parseSelection, 'a+', 'a:b+', '+', '(', 'not ', 'a.', '"'],
  ['a value with +', (text) => parseSelection(`tag:a${text}`), '+a', '+1'],
  ['maskSecrets', maskSecrets, 'password', 'token ', "'", 'a-'],
  ['parseDuration', parseDuration, '1', '1d'],
  ['addressOf', addressOf, 'a://', '?', '&a='],
  ['connectAttempts', (text) => connectAttempts(text, null), '//', '?host=', '&'],
  ['closest', (text) => closest(text, [`${text}x`, text.slice(9)]), 'a', 'ab'],
  ['fqnMatcher', (text) => fqnMatcher(text)(['p', 'a', 'b'], false), 'a.', '*.', '['],
  ['tokenize', (text) => tokenize([text]), '//', 'a', '$', '/*', '1e'],
  ['plainSql', plainSql, '{#', '{{', '{% set a = ', ';', '{% if is_incremental() %}'],
  ['reads of a file', (text) => reads.of(nodeOf(`read_csv('a'${text}`)), ",'a'", ' ', "from '"],
  ['reads in comments', (text) => reads.of(nodeOf(text)), '{#', '/*', "'", "read_csv('"],
  ['redact', (text) => redact(text, []), 'a', 'a://', '@'],
  ['a long secret', (text) => createRedactor([`b${text.slice(9)}`])(text), 'a'],
  ['trimEndOf', (text) => trimEndOf(`${text}x`, /[\s;/]/), ' ', '/'],
  ['relationParts', relationParts, '"', '".', 'a.', '"".'],
  ['viewsThatRead', (sql) => viewsThatRead(['t'], [{ view: 'v', sql }], nameOf), '/*', '$$', '('],
]

test.each(READERS)('%s takes time in proportion to its text', (...row) => {
  const [, read, ...pieces] = row
  for (const piece of pieces) {
    const text = piece.repeat(Math.floor((LENGTH - 100) / piece.length))
    for (const end of ['', '\u0000']) expect(() => read(`${text}${end}`)).not.toThrow()
  }
})

test('code of many MB is compared by its text, and what it reads is not known', () => {
  const long = 'a'.repeat(10_000_000)
  expect(tokenize([long])).toBeNull()
  expect(plainSql(long)).toBeNull()
  expect(reads.of(nodeOf(long))).toEqual([''])
})
