import { expect, test } from 'vitest'
import { codeReason, PIN } from '../../../framework/staleness/reasons.ts'

const pinned = (version: string) => ({
  codeVersion: `pinned ${version}`,
  parts: [{ label: PIN, version, file: 'a.yaml' }],
})
const own = { codeVersion: 'own', parts: [{ label: 'model', version: 'm' }] }

test.each([
  [own, pinned('2'), 'its code_version is 2 (a.yaml) and was not pinned'],
  [pinned('1'), pinned('2'), 'its code_version is 2 (a.yaml) and was 1'],
  [pinned('1'), own, 'its code_version was 1 and is not pinned any more'],
])('a pin that came, moved or went is all that is said', (recorded, current, message) => {
  expect(codeReason(recorded, current)?.message).toBe(message)
})

test('a pin that stays says nothing, whatever the code', () => {
  expect(codeReason(pinned('1'), pinned('1'))).toBeNull()
})
