import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash } from '../../framework/lib/hash.ts'
import type { Result } from '../../framework/model/problem.ts'
import type { Materialization } from '../../framework/model/record.ts'
import { NO_OUTCOMES } from '../../framework/model/step.ts'
import type { Change, Lease, State } from '../../framework/ports/state.ts'
import { encodeRecord } from '../../framework/state/record-codec.ts'
import { create } from '../../framework/state/sqlite/index.ts'

// The cost of the SQLite state: opening it, reading a snapshot, looking up every record, and
// journalling a step. The lower bounds are parsing the same records from a JSON file, and appending
// them to a file with fsync.

const SIZES = [60, 1_000, 100_000]
const STEPS = 1_000
const REQUEST = { target: 'local', command: 'bench', job: null }

export async function benchState(print: (line: string) => void): Promise<void> {
  for (const size of SIZES) {
    const root = mkdtempSync(join(tmpdir(), 'assets-bench-'))
    try {
      await fill(root, size)
      print(await reading(root, size))
      if (size === SIZES[1]) print(await stepping(root))
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  }
}

async function reading(root: string, size: number): Promise<string> {
  const file = join(root, 'floor.jsonl')
  writeFileSync(file, Array.from({ length: size }, (_, n) => encodeRecord(sample(n))).join('\n'))
  const [floor] = await timed(async () => {
    for (const line of readFileSync(file, 'utf8').split('\n')) JSON.parse(line)
  })
  const [opening, state] = await timed(() => open(root))
  const [snapshot, found] = await timed(async () => must(await state.snapshot('local')))
  const [lookups] = await timed(async () => {
    for (let n = 0; n < size; n += 1) found.records.get(nameOf(n))
  })
  await state.close()
  const ratio = ((snapshot + lookups) / floor).toFixed(1)
  return (
    `state of ${size} records: open ${ms(opening)}, snapshot ${ms(snapshot)}, look up every record ${ms(lookups)}; ` +
    `${ratio} × parsing a JSON file (${ms(floor)})`
  )
}

async function stepping(root: string): Promise<string> {
  const floorFile = openSync(join(root, 'floor.log'), 'a')
  const [floor] = await timed(async () => {
    for (let n = 0; n < STEPS; n += 1) {
      writeSync(floorFile, encodeRecord(sample(n)))
      fsyncSync(floorFile)
    }
  })
  closeSync(floorFile)
  const state = await open(root)
  const lease = await acquire(state)
  const [journal] = await timed(async () => {
    for (let n = 0; n < STEPS; n += 1) {
      must(await lease.write([{ change: 'begin', name: nameOf(n), at: n }]))
      must(await lease.write([{ change: 'commit', record: sample(n) }]))
    }
  })
  must(await lease.release({ outcome: 'succeeded', counts: NO_OUTCOMES }))
  await state.close()
  return `journal ${STEPS} steps: ${ms(journal)}; ${(journal / floor).toFixed(1)} × append and fsync (${ms(floor)})`
}

async function fill(root: string, size: number): Promise<void> {
  const state = await open(root)
  const lease = await acquire(state)
  for (let n = 0; n < size; n += 1_000) {
    const page = Array.from({ length: Math.min(1_000, size - n) }, (_, at) => sample(n + at))
    must(await lease.write(page.map((record): Change => ({ change: 'commit', record }))))
  }
  must(await lease.release({ outcome: 'succeeded', counts: NO_OUTCOMES }))
  await state.close()
}

const nameOf = (n: number) => `asset_${String(n).padStart(6, '0')}`

/** The record of a `command` asset with two inputs and two parts of its code version. */
function sample(n: number): Materialization {
  const inputs = [n - 1, n - 2].filter((input) => input >= 0)
  return {
    asset: nameOf(n),
    run: 1,
    startedAt: Date.UTC(2026, 0, 1) + n,
    finishedAt: Date.UTC(2026, 0, 1) + n + 500,
    codeVersion: hash('code', nameOf(n)),
    parts: [
      { label: 'run', version: hash('run', nameOf(n)) },
      { label: 'code', version: hash('code'), file: 'code/build.py' },
    ],
    inputs: inputs.map((input) => ({
      name: nameOf(input),
      version: `f:${hash(nameOf(input))}`,
      shape: null,
    })),
    dataVersion: `f:${hash(nameOf(n))}`,
    shape: null,
    installed: null,
    rows: null,
    bytes: 1_234,
    token: '1234:1767225600000.25',
    source: null,
    reference: null,
    how: 'built',
  }
}

async function open(root: string): Promise<State> {
  const at = { file: 'assets.yaml', path: [] }
  return must(await create({ type: 'sqlite', settings: {}, at }, { root, clock: Date.now }))
}

async function acquire(state: State): Promise<Lease> {
  const lease = must(await state.acquire(REQUEST))
  if (lease.busy) throw new Error('the lease of a new state is busy')
  return lease
}

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problems[0]!.message)
  return result.value
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [milliseconds: number, T]> {
  const start = performance.now()
  const value = await work()
  return [performance.now() - start, value]
}

const ms = (milliseconds: number) => `${milliseconds.toFixed(1)} ms`
