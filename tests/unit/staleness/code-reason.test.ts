import { expect, test } from 'vitest'
import type { CodePart } from '../../../framework/model/definition.ts'
import { codeReason } from '../../../framework/staleness/reasons.ts'

const BECAUSE = 'context[…] at dbt/models/a.sql:3'
const part = (label: string, version: string, more: Partial<CodePart> = {}): CodePart => ({
  label,
  version,
  ...more,
})
const code = (...parts: readonly CodePart[]) => ({
  codeVersion: parts.map(({ version }) => version).join(),
  parts,
})

test('a reason lists the parts that differ, with their files and what makes them count', () => {
  const before = code(
    part('model', '1'),
    part('macro one', '1'),
    part('graph', '1'),
    part('x', '1'),
  )
  const now = code(
    part('model', '1'),
    part('macro two', '1', { because: BECAUSE }),
    part('macro one', '2', { file: 'dbt/macros/m.sql' }),
    part('graph', '2', { because: BECAUSE }),
  )
  expect(codeReason(before, now)?.message).toBe(
    `its code changed: macro one (dbt/macros/m.sql), macro two, graph (because of ${BECAUSE}), x was removed`,
  )
})

test('equal versions are no reason', () => {
  expect(codeReason(code(part('model', '1')), code(part('model', '1')))).toBeNull()
})
