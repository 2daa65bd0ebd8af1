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
])('a pin that was added, changed or removed is the only reason', (recorded, current, message) => {
  expect(codeReason(recorded, current)?.message).toBe(message)
})

test('an unchanged pin gives no reason, even if the code changed', () => {
  expect(codeReason(pinned('1'), pinned('1'))).toBeNull()
})
