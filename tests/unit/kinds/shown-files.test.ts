import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { measureRelation, observeRelations } from '../../../framework/kinds/observe-relations.ts'
import { type FilesOf, shownFiles } from '../../../framework/kinds/shown-files.ts'
import type { Definition } from '../../../framework/model/definition.ts'
import type { Found } from '../../../framework/model/observation.ts'
import type { Materialization, RecordedObservation } from '../../../framework/model/record.ts'
import { driftReason } from '../../../framework/staleness/drift.ts'
import { fakeWarehouse, observing, rawAsset, recordWith } from '../kind-airbyte/world.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-shown-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const write = (file: string, text = 'x') => {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}
const look = (output: string, base: string | null = null) =>
  shownFiles(root, base, { relation: 'main.e', outputs: [output] })
const token = (output: string) => {
  const files = look(output)
  return files?.state === 'exist' ? files.token : files?.state
}

describe('the files of a definition', () => {
  test('are none without a relation or without an output', () => {
    expect(shownFiles(root, null, { relation: null, outputs: ['a'] })).toBe(null)
    expect(shownFiles(root, null, { relation: 'main.e', outputs: [] })).toBe(null)
  })

  test('are absent, or have a token that every write moves', () => {
    expect(token('e.parquet')).toBe('absent')
    write('e.parquet')
    const before = token('e.parquet')
    expect(token('e.parquet')).toBe(before)
    utimesSync(join(root, 'e.parquet'), 1, 1)
    expect(token('e.parquet')).not.toBe(before)
  })

  test('in a folder count with their names, at any depth; an empty folder is absent', () => {
    mkdirSync(join(root, 'parts'))
    expect(token('parts')).toBe('absent')
    write('parts/k=1/a.parquet')
    const one = token('parts')
    write('parts/k=2/a.parquet')
    expect(token('parts')).not.toBe(one)
    rmSync(join(root, 'parts/k=2'), { recursive: true })
    expect(token('parts')).toBe(one)
  })

  test.each(['s3://bucket/e.parquet', ''])('at %j have no token', (output) => {
    expect(look(output)).toEqual({ state: 'exist', token: null, hiddenBy: null })
  })

  test('are hidden by a file of the working directory that a view would name alike', () => {
    write('dbt/package.json')
    write('dbt/e.parquet')
    const base = join(root, 'dbt')
    expect(look('dbt/e.parquet', base)).toMatchObject({ hiddenBy: null })
    expect(look('dbt/package.json', base)).toMatchObject({
      hiddenBy: join(process.cwd(), 'package.json'),
    })
    expect(look('dbt/package.json', process.cwd())).toMatchObject({ hiddenBy: null })
    expect(look('dbt/package.json')).toMatchObject({ hiddenBy: null })
  })
})

describe('a view that shows files', () => {
  const warehouse = () => {
    const made = fakeWarehouse()
    made.tables.set('main.e', null)
    made.token = 'quiet'
    return made
  }
  const definition = {
    asset: 'e',
    form: 'stored',
    accumulates: 'no',
    dataVersion: 'content',
    relation: 'main.e',
    outputs: ['e.parquet'],
  } as unknown as Definition
  const record = (more: Partial<Materialization> = {}): Materialization => ({
    ...recordWith('c:fake:null', null, token('e.parquet')),
    shape: { relation: 'main.e', columns: 'columns' },
    installed: 'definition',
    ...more,
  })
  const observed = async (
    of: Materialization,
    lastObserved: RecordedObservation | null = null,
    used = warehouse(),
    filesOf: FilesOf = (subject) => shownFiles(root, null, subject.definition),
  ): Promise<Found> => {
    const request = { ...observing(rawAsset('e'), definition, of, 'quiet'), lastObserved }
    const result = await observeRelations([request], used, filesOf)
    if (!result.ok) throw new Error(result.problems[0]!.message)
    return result.value.get('e')!
  }
  const reason = (of: Materialization, found: Found) =>
    driftReason(of, { at: 1, found, probe: { answer: 'not_asked' } }, null)?.reason ?? null

  beforeEach(() => write('e.parquet'))

  test('is as recorded, without a session, only if the warehouse and the files did not move', async () => {
    const used = warehouse()
    expect(await observed(record(), null, used)).toEqual({ state: 'recorded' })
    expect(used.opened).toBe(0)
    used.token = 'moved'
    expect(await observed(record(), null, used)).toMatchObject({ version: 'c:fake:null' })
    expect([used.opened, used.fingerprinted]).toEqual([1, []])
  })

  test('is read through the view if a file moved, although the warehouse did not', async () => {
    const before = record()
    write('e.parquet', 'other')
    const used = warehouse()
    const found = await observed(before, null, used)
    expect(used.fingerprinted).toEqual(['main.e'])
    expect(found).toMatchObject({ state: 'present', token: token('e.parquet') })
    expect(reason(before, found)).toBe(null)
    expect(reason({ ...before, dataVersion: 'c:fake:other' }, found)).toBe('drifted')
    // The new token was recorded with the version: nothing is read again.
    const { version, shape } = found as Extract<Found, { state: 'present' }>
    const seen = { at: 2, version, shape, token: token('e.parquet')!, present: true }
    expect(await observed(before, seen)).toEqual({ state: 'recorded' })
  })

  test('is gone without its files, whatever the warehouse proves', async () => {
    const before = record()
    rmSync(join(root, 'e.parquet'))
    const used = warehouse()
    const found = await observed(before, null, used)
    expect([found, used.opened]).toEqual([{ state: 'absent' }, 0])
    expect(reason(before, found)).toBe('missing')
  })

  test('was redefined: that counts before its rows', async () => {
    const before = record({ installed: 'another' })
    const used = warehouse()
    used.token = 'moved'
    expect(reason(before, await observed(before, null, used))).toBe('drifted')
  })

  test('is unknown if its files move while they are read, or if others would be read', async () => {
    const before = record()
    write('e.parquet', 'other')
    const used = warehouse()
    used.onFingerprint = () => write('e.parquet', 'once more')
    expect(reason(before, await observed(before, null, used))).toBe('unknown')
    const hidden = { state: 'exist', token: 'x', hiddenBy: '/e.parquet' } as const
    expect(await observed(before, null, warehouse(), () => hidden)).toMatchObject({
      state: 'unreadable',
      message: expect.stringContaining('/e.parquet'),
    })
  })

  test('without a token of its files is read in every command', async () => {
    const before = record({ token: null })
    const used = warehouse()
    const far: FilesOf = () => ({ state: 'exist', token: null, hiddenBy: null })
    expect(reason(before, await observed(before, null, used, far))).toBe(null)
    expect(used.fingerprinted).toEqual(['main.e'])
  })

  test('with a version that says nothing of rows is drifted if its files moved', async () => {
    const before = record({ dataVersion: 'k:key' })
    const used = warehouse()
    expect(await observed(before, null, used)).toEqual({ state: 'recorded' })
    write('e.parquet', 'other')
    expect(reason(before, await observed(before, null, used))).toBe('drifted')
    expect(used.fingerprinted).toEqual([])
  })

  test('is measured between two reads of the token of its files', async () => {
    const used = warehouse()
    const measure = async () => {
      const subject = { asset: rawAsset('e'), definition }
      const product = await measureRelation(subject, used, () => look('e.parquet'))
      return product.ok && [product.value.version, product.value.token]
    }
    expect(await measure()).toEqual(['c:fake:null', token('e.parquet')])
    used.onFingerprint = () => write('e.parquet', 'moved')
    expect(await measure()).toEqual([null, null])
  })
})
