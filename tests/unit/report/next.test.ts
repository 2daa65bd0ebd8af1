import { expect, test } from 'vitest'
import { nextLines } from '../../../framework/report/next.ts'
import { style } from './fixture.ts'

const npx = { ...style(), calledAs: 'npx assets' }

test('a suggested command is typed as this one was', () => {
  expect(nextLines('assets status', style())).toEqual(['next: assets status'])
  expect(nextLines('assets why fact', npx)).toEqual(['next: npx assets why fact'])
  expect(nextLines('cd shop && assets materialize', npx)).toEqual([
    'next: cd shop && npx assets materialize',
  ])
  expect(nextLines('assets status', { ...npx, target: 'prod' })).toEqual([
    'next: npx assets status --target prod',
  ])
})

test('without a next command there is no line', () => {
  expect(nextLines(null, style())).toEqual([])
})

test.each([
  ['assets status', 'assets status'],
  ['assets status', 'assets status --all'],
  ['assets status', 'assets status --exit-code -t local'],
  ['assets status', "assets status --target 'my target'"],
  ['assets status --target prod', 'assets status -tprod'],
  ['assets materialize fact', 'assets materialize -s fact -y'],
  ["assets materialize 'tag:a b'", "assets materialize 'tag:a b' --no-wait"],
])('%s is not suggested after %s', (command, typed) => {
  expect(nextLines(command, { ...style(), typed })).toEqual([])
  expect(nextLines(command, { ...npx, typed })).toEqual([])
})

test.each([
  ['assets status', 'assets status --offline'],
  ['assets materialize', 'assets materialize --dry-run'],
  ['assets materialize', 'assets materialize fact'],
  ['assets why fact', 'assets why mart'],
])('%s is suggested after %s', (command, typed) => {
  expect(nextLines(command, { ...style(), typed })).toEqual([`next: ${command}`])
})

test('after an access fault doctor is next, but not after doctor', () => {
  const faulty = { ...style(), hasAccessFault: true, target: 'prod' }
  const next = ['next: assets doctor --target prod']
  expect(nextLines('assets materialize', { ...faulty, typed: 'assets plan -t prod' })).toEqual(next)
  expect(nextLines(null, faulty)).toEqual(next)
  expect(nextLines(null, { ...faulty, typed: 'assets doctor --target prod' })).toEqual([])
})
