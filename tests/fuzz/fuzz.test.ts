import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseWorkerMessage } from '../../framework/kinds/dbt/worker/worker-message.ts'
import { Random } from '../property/random.ts'
import { AREAS } from './areas.ts'
import { inputOf } from './input.ts'
import { faultOf, shorten } from './try.ts'

const CORPUS = join(import.meta.dirname, 'corpus')

describe.each(readdirSync(CORPUS))('what was found in %s', (name) => {
  test.each(readdirSync(join(CORPUS, name)))('%s is no fault any more', async (file) => {
    const area = AREAS.find((one) => one.name === name)!
    expect(await faultOf(area, readFileSync(join(CORPUS, name, file), 'utf8'))).toBeNull()
  })
})

test('random texts throw nothing but problems', async () => {
  const faults: unknown[] = []
  for (let index = 0; index < 2_400; index++) {
    const { area, input } = inputOf(AREAS, 14, index)
    const fault = await faultOf(area, input)
    if (fault !== null) faults.push({ area: area.name, index, input, fault })
  }
  expect(faults).toEqual([])
})

test('equal seeds give equal inputs, and each area gives many', () => {
  for (const area of AREAS) {
    const inputs = Array.from({ length: 100 }, (_, k) => area.input(new Random(k)))
    expect(inputs).toEqual(Array.from({ length: 100 }, (_, k) => area.input(new Random(k))))
    expect(new Set(inputs).size).toBeGreaterThan(50)
  }
})

test('a fault is found, and its input shortened', async () => {
  const read = (input: string) => {
    if (input.includes('x') && input.includes('y')) throw new TypeError('x and y')
  }
  const area = { name: 'a', input: () => '', read }
  expect(await faultOf(area, 'axbycz')).toContain('x and y')
  expect(await faultOf(area, 'axbcz')).toBeNull()
  expect(await shorten(area, `${'a'.repeat(50)}x${'b'.repeat(50)}y`)).toBe('xy')
})

test.each([
  ['{"event":"start","node":"model.p.a"}', true],
  ['{"event":"start","node":3}', false],
  ['{"event":"finish","node":"a","status":"ok","message":null,"failures":null}', true],
  ['{"event":"finish","node":"a","status":"ok","message":1,"failures":null}', false],
  ['{"event":"finish","node":"a","message":null,"failures":null}', false],
  ['{"event":"write","key":"k","by":null,"relations":[1]}', false],
  ['{"reply":1,"value":null}', true],
  ['{"reply":1}', false],
  ['{"reply":1,"error":{"type":"X"}}', false],
  ['{"event":"other"}', false],
  ['[]', false],
  ['a line of a program', false],
])('a line of the worker is a message: %s', (line, isMessage) => {
  expect(parseWorkerMessage(line) !== null).toBe(isMessage)
})
