import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildGraph } from '../../framework/graph/graph.ts'
import { hash } from '../../framework/lib/hash.ts'
import { LazyMap } from '../../framework/lib/lazy-map.ts'
import type { Asset } from '../../framework/model/asset.ts'
import type { Definition } from '../../framework/model/definition.ts'
import type { Forced, JournalEntry, Materialization } from '../../framework/model/record.ts'
import { codeVersionTable } from '../../framework/staleness/code-version-table.ts'
import { fold } from '../../framework/staleness/fold.ts'
import { recordsInDoubt } from '../../framework/staleness/unchanged-fast-path.ts'
import type { World } from '../../framework/staleness/world.ts'
import { buildRecordTable } from '../../framework/state/build-record-table.ts'
import { POLICY, plainAsset } from '../rig/asset.ts'

// What is quiet by the columns is not decided. So: with columns and without, every verdict and every
// version is the same, in worlds where each thing that a decision looks at is now and then not as recorded.

interface Sketch {
  /** What differs from the record, or is asked for. */
  readonly oddity: (typeof ODDITIES)[number]
  readonly reads: readonly number[]
  /** The record of an input holds another version than the input now has. */
  readonly seesOther: boolean
  readonly inRun: boolean
  readonly inUnit: boolean
}

const ODDITIES = [
  ...['none', 'none', 'none', 'none', 'none', 'none', 'none', 'none', 'none', 'none'],
  ...['no record', 'other code', 'no definition', 'view', 'ephemeral', 'begun', 'building'],
  ...[
    'marked',
    'seen otherwise',
    'seen the same',
    'gone',
    'unknown version',
    'moved',
    'source moved',
  ],
  ...[
    'max age',
    'freshness of the kind',
    'always new',
    'other order',
    'one input more',
    'one input less',
    'another input',
    'external',
  ],
  ...['odd code version', 'written since the columns'],
] as const

const sketch = (index: number) =>
  fc.record({
    oddity: fc.constantFrom(...ODDITIES),
    reads: fc.uniqueArray(fc.nat({ max: Math.max(0, index - 1) }), {
      maxLength: index === 0 ? 0 : 3,
    }),
    seesOther: fc.integer({ min: 0, max: 19 }).map((chance) => chance === 0),
    inRun: fc.boolean(),
    inUnit: fc.integer({ min: 0, max: 4 }).map((chance) => chance === 0),
  })

const sketches = fc
  .integer({ min: 1, max: 14 })
  .chain((size) => fc.tuple(...Array.from({ length: size }, (_, index) => sketch(index))))

const nameOf = (index: number) => `a${index}`
const codeOf = (index: number) => hash('code', nameOf(index))
const versionOf = (index: number) => `f:${hash('rows', nameOf(index))}`
const NOW = 1_000_000

function worldOf(all: readonly Sketch[]): World {
  const assets = all.map(({ oddity, reads }, index): Asset => {
    const policy = {
      ...POLICY,
      ...(oddity === 'max age' ? { freshness: { maxAge: 10 } } : {}),
      ...(oddity === 'always new' ? { dataVersion: 'always_new' as const } : {}),
    }
    const kind = oddity === 'external' ? 'external' : 'command'
    return plainAsset(nameOf(index), { kind, deps: reads.map(nameOf), policy, file: 'a.yaml' })
  })
  const definitions = new Map<string, Definition>()
  const records = new Map<string, Materialization>()
  const journal = new Map<string, JournalEntry>()
  const marks = new Map<string, Forced>()
  const observed = new Map()
  const observations = new Map()
  const later: number[] = []
  for (const [index, { oddity, reads, seesOther, inUnit }] of all.entries()) {
    const name = nameOf(index)
    const odd = oddity === 'odd code version' ? 'v1' : codeOf(index)
    const form =
      oddity === 'view' || oddity === 'ephemeral' || oddity === 'external' ? oddity : 'stored'
    if (oddity !== 'no definition') {
      definitions.set(name, {
        ...{ asset: name, kind: 'command', form, parts: [], accumulates: 'no', relation: null },
        codeVersion: oddity === 'other code' ? hash('other') : odd,
        ...{ outputs: [], unit: inUnit ? 'unit' : null, dataVersion: 'content' },
        ...{ onDrift: 'rebuild', clock: false, build: null },
        ...(oddity === 'freshness of the kind' ? { freshness: { maxAge: 10 } } : {}),
      } as Definition)
    }
    if (oddity === 'written since the columns') later.push(index)
    if (oddity !== 'no record') {
      const inputs = reads.map((read) => {
        const version = seesOther ? `f:${hash('older')}` : versionOf(read)
        return { name: nameOf(read), version, shape: null }
      })
      if (oddity === 'other order') inputs.reverse()
      const other = all.findIndex((_, at) => at < index && !reads.includes(at))
      const another = { name: nameOf(other), version: versionOf(other), shape: null }
      if (oddity === 'one input more' && other >= 0) inputs.push(another)
      if (oddity === 'one input less') inputs.pop()
      if (oddity === 'another input' && other >= 0) inputs.splice(0, 1, another)
      records.set(name, {
        ...{
          asset: name,
          run: 1,
          startedAt: 1,
          finishedAt: 2,
          codeVersion: odd,
          parts: [],
          inputs,
        },
        dataVersion: oddity === 'unknown version' ? null : versionOf(index),
        ...{ shape: null, installed: null, rows: null, bytes: null, token: null },
        ...{ source: null, reference: null, how: 'built' },
      })
    }
    if (oddity === 'begun' || oddity === 'building') {
      journal.set(name, { name, run: 2, at: 3, phase: { state: oddity }, reference: null })
    }
    if (oddity === 'marked') marks.set(name, 'forced')
    const seen = { at: 5, shape: null, token: null, present: true }
    if (oddity === 'seen otherwise') observed.set(name, { ...seen, version: `f:${hash('else')}` })
    if (oddity === 'seen the same') observed.set(name, { ...seen, version: versionOf(index) })
    if (oddity === 'gone') observed.set(name, { ...seen, version: null, present: false })
    const found = { state: 'recorded' } as const
    const still = { at: 5, found, probe: { answer: 'not_asked' } } as const
    if (oddity === 'moved') {
      const elsewhere = { version: `f:${hash('m')}`, shape: null, installed: null }
      const present = { state: 'present', ...elsewhere, token: null, rows: null } as const
      observations.set(name, { ...still, found: present })
    } else if (oddity === 'source moved') {
      observations.set(name, { ...still, probe: { answer: 'moved', message: 'moved' } })
    } else if (index % 2 === 0) observations.set(name, still)
  }
  const graph = buildGraph(assets, [])
  if (!graph.ok) throw new Error('an asset reads only what is before it')
  const whole = buildRecordTable([...records.values()])
  const columns = {
    ...whole,
    replaced: new Set(later.map((index) => whole.names.find(nameOf(index)))),
  }
  // What was written since has another version than the columns know.
  for (const index of later) {
    const record = records.get(nameOf(index))!
    records.set(nameOf(index), { ...record, dataVersion: `f:${hash('younger')}` })
  }
  return {
    graph: graph.value,
    assets: new Map(assets.map((asset) => [asset.name, asset])),
    definitions,
    codes: codeVersionTable(assets, definitions),
    inlined: new Map(),
    checks: new Map(),
    state: {
      records,
      recordTable: columns,
      journal,
      forced: marks,
      observed,
      checks: new Map(),
      remembered: new Map(),
      changeTokens: new Map(),
    },
    observations,
  }
}

describe('what is quiet', () => {
  it('is what would have been decided, one by one', () => {
    fc.assert(
      fc.property(sketches, (all) => {
        const world = worldOf(all)
        const request = { now: NOW, inRun: (index: number) => all[index]!.inRun }
        const quick = fold(world, request)
        const slow = fold({ ...world, state: { ...world.state, recordTable: null } }, request)
        expect(quick.verdicts).toEqual(slow.verdicts)
        const plain = quick.settled.map((settled) =>
          settled.state === 'settled'
            ? { state: settled.state, version: settled.version, shape: settled.shape }
            : settled,
        )
        expect(plain).toEqual(slow.settled)
      }),
      { numRuns: 3_000, seed: 7 },
    )
  })

  it('tells of every record that a decision asks for', () => {
    fc.assert(
      fc.property(sketches, (all) => {
        const world = worldOf(all)
        const inDoubt = recordsInDoubt(world)
        const { records } = world.state
        const find = (name: string) => {
          if (!inDoubt.has(name)) throw new Error(`the record of ${name} is asked for`)
          return records.get(name)
        }
        const few = new LazyMap(inDoubt.size, () => inDoubt, find)
        const request = { now: NOW, inRun: (index: number) => all[index]!.inRun }
        const some = fold({ ...world, state: { ...world.state, records: few } }, request)
        expect(some.verdicts).toEqual(fold(world, request).verdicts)
      }),
      { numRuns: 3_000, seed: 8 },
    )
  })
})
