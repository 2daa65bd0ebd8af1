import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildGraph } from '../../framework/graph/graph.ts'
import { hash } from '../../framework/lib/hash.ts'
import type { Asset } from '../../framework/model/asset.ts'
import type { Definition } from '../../framework/model/definition.ts'
import type { Forced, JournalEntry, Materialization } from '../../framework/model/record.ts'
import { AssetTable } from '../../framework/model/tables/asset-table.ts'
import { indexRecords, RecordTable } from '../../framework/model/tables/record-table.ts'
import { decideAll } from '../../framework/staleness/decide-all.ts'
import { codeVersionsOf } from '../../framework/staleness/define.ts'
import { type FastPath, recordsInDoubt } from '../../framework/staleness/fast-path/unchanged.ts'
import { World } from '../../framework/staleness/world.ts'
import { POLICY, plainAsset } from '../rig/asset.ts'

// Every verdict and version is the same with and without the fast path, in random worlds in which
// everything that a decision uses sometimes differs from the record.

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
  ...['odd code version', 'written since the index', 'at a relation', 'at another relation'],
  ...['from a relation', 'to a relation', 'pinned', 'pinned at another file', 'other file'],
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

/** Where the definition and the record say that an asset is. */
const RELATIONS: Readonly<Record<string, readonly [string | null, string | null]>> = {
  'at a relation': ['main.a', 'MAIN.A'],
  'at another relation': ['analytics.a', 'main.a'],
  'from a relation': [null, 'main.a'],
  'to a relation': ['main.a', null],
}
const shapeAt = (relation: string | null) =>
  relation === null ? null : { relation, columns: 'columns' }

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
      ...(oddity.startsWith('pinned') ? { codeVersion: '1' } : {}),
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
        ...{ asset: name, kind: 'command', form, parts: [], accumulates: 'no' },
        relation: RELATIONS[oddity]?.[0] ?? null,
        // A code version covers the files, unless it is pinned.
        codeVersion: oddity === 'other code' || oddity === 'other file' ? hash('other') : odd,
        ...{ outputs: ['a.csv'], unit: inUnit ? 'unit' : null, dataVersion: 'content' },
        ...{ onDrift: 'rebuild', clock: false, build: null },
        ...(oddity === 'freshness of the kind' ? { freshness: { maxAge: 10 } } : {}),
      } as Definition)
    }
    if (oddity === 'written since the index') later.push(index)
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
        ...(oddity === 'other file' || oddity === 'pinned at another file'
          ? { outputs: ['b.csv'] }
          : oddity === 'pinned'
            ? { outputs: ['a.csv'] }
            : {}),
        shape: shapeAt(RELATIONS[oddity]?.[1] ?? null),
        ...{ installed: null, rows: null, bytes: null, token: null },
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
  const index = indexRecords([...records.values()])
  const replaced = new Set(later.map((at) => index.names.find(nameOf(at))))
  // A record that is newer than the index has another version than the index.
  for (const index of later) {
    const record = records.get(nameOf(index))!
    records.set(nameOf(index), { ...record, dataVersion: `f:${hash('younger')}` })
  }
  return new World({
    graph: graph.value,
    assets: AssetTable.of(assets),
    definitions,
    codes: codeVersionsOf(assets, definitions),
    words: new Map(),
    checks: new Map(),
    together: new Set(),
    state: {
      records: tableOf(records, index, replaced),
      journal,
      forced: marks,
      observed,
      checks: new Map(),
      remembered: new Map(),
      changeTokens: new Map(),
      leftovers: new Map(),
    },
    observations,
  })
}

function tableOf(
  records: ReadonlyMap<string, Materialization>,
  index: RecordTable['index'],
  replaced: ReadonlySet<number>,
): RecordTable {
  const find = (name: string) => records.get(name)
  return new RecordTable(records.size, () => records.keys(), find, index, replaced)
}

/** A fast path without any answer. */
const NO_FAST_PATH: FastPath = {
  holds: () => false,
  settledAt: () => {
    throw new Error('it holds for nothing')
  },
  decided: () => {},
}

const requestFor = (all: readonly Sketch[]) => ({
  now: NOW,
  purpose: 'run' as const,
  inRun: (i: number) => all[i]!.inRun,
  wasAsked: (i: number) => all[i]!.inRun,
})

describe('the fast path', () => {
  it('gives the same verdicts and versions as decide', () => {
    fc.assert(
      fc.property(sketches, (all) => {
        const world = worldOf(all)
        const quick = decideAll(world, requestFor(all))
        const slow = decideAll(world, requestFor(all), NO_FAST_PATH)
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

  it('names every record that a decision reads', () => {
    fc.assert(
      fc.property(sketches, (all) => {
        const world = worldOf(all)
        const inDoubt = recordsInDoubt(world)
        const { records } = world.state
        const find = (name: string) => {
          if (!inDoubt.has(name)) throw new Error(`the record of ${name} is read`)
          return records.get(name)
        }
        const { index, replaced } = records
        const few = new RecordTable(inDoubt.size, () => inDoubt, find, index, replaced)
        const some = decideAll(world.withState({ records: few }), requestFor(all))
        expect(some.verdicts).toEqual(decideAll(world, requestFor(all)).verdicts)
      }),
      { numRuns: 3_000, seed: 8 },
    )
  })
})
