import type { Definition } from '../model/definition.ts'
import { filledBy, leftBehind, leftoverKey } from '../model/leftover.ts'
import type { CheckResult, Materialization, RecordedInput } from '../model/record.ts'
import type { Outcome } from '../model/step.ts'
import type { Settled, Version } from '../model/version.ts'
import { modeOf, versionBy } from '../model/version-mode.ts'
import type { Product } from '../ports/batch.ts'
import type { Change } from '../ports/state.ts'
import { inputsOf } from '../staleness/decide-all.ts'
import { keyed, sinceOf } from '../staleness/settle.ts'
import type { RunState } from './run-state.ts'
import type { Span } from './step-times.ts'

/** What a commit writes, and what it means for the run. */
export interface Commit {
  readonly record: Materialization
  /** The content version of a view under its key; written once the inputs are known to be unchanged. */
  readonly remember: readonly Change[]
  readonly outcome: Outcome
  readonly settled: Settled
}

/**
 * The inputs of a node as its record names them; a `null` version is unknown. While a call may have
 * written an input besides building it, its version is unknown too: the run may be killed before the call
 * ends and the input is observed again.
 */
export function recordedInputs(runState: RunState, i: number): readonly RecordedInput[] {
  const { world } = runState
  return Array.from(world.graph.inputs(i), (input): RecordedInput => {
    const settled = runState.settled[input]!
    const name = world.name(input)
    const under = world.isVirtual(input) ? { under: shownBy(runState, input) } : {}
    if (settled.state === 'settled') {
      const version = runState.isDoubted(input) ? null : settled.version
      return { name, version, shape: settled.shape, ...under }
    }
    const statement = world.inlined(input)
    const shape = statement === null ? null : { relation: statement, columns: null }
    return { name, version: null, shape, ...under }
  })
}

/** The versions of the inputs of a node that is built now, those in doubt too. */
export function versionsRead({ world, settled }: RunState, i: number): readonly (Version | null)[] {
  return Array.from(world.graph.inputs(i), (input) => {
    const now = settled[input]!
    return now.state === 'settled' ? now.version : null
  })
}

/** The assets that a virtual asset shows, through other virtual assets, each once. */
function shownBy(
  { world, settled }: RunState,
  virtual: number,
): NonNullable<RecordedInput['under']> {
  const shown = new Map<number, { name: string; version: Version | null }>()
  const open = [virtual]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const input of world.graph.inputs(at)) {
      if (shown.has(input)) continue
      const now = settled[input]!
      const version = now.state === 'settled' ? now.version : null
      shown.set(input, { name: world.name(input), version })
      if (world.isVirtual(input)) open.push(input)
    }
  }
  return [...shown.values()]
}

/** The record of a build. All inputs must be final. Pure. */
export function commitBuild(
  runState: RunState,
  i: number,
  product: Product,
  run: number,
  span: Span,
): Commit {
  const { asset, definition, record: before } = runState.world.facts(i)
  if (definition === null) throw new Error(`${asset.name} was built without a definition`)
  const key = keyOf(runState, i, definition.codeVersion)
  const version = versionOf(runState, i, product, key)
  const isUnchanged = before !== null && version !== null && before.dataVersion === version
  const record: Materialization = {
    asset: asset.name,
    run,
    ...span,
    codeVersion: definition.codeVersion,
    parts: definition.parts,
    inputs: recordedInputs(runState, i),
    dataVersion: version,
    shape: product.shape,
    installed: product.installed,
    rows: product.rows,
    bytes: product.bytes,
    token: product.token,
    source: product.source,
    reference: product.reference,
    how: isUnchanged ? 'unchanged' : 'built',
    ...placeOf(definition),
  }
  return {
    record,
    remember: rememberView(runState, i, key, version),
    outcome: { state: isUnchanged ? 'unchanged' : 'built', version, rows: product.rows },
    settled: settledAt(version, product),
  }
}

/** A drifted asset that is adopted: its record keeps code and inputs, and gets the new content. Pure. */
export function commitAdoption(
  runState: RunState,
  i: number,
  product: Product,
  run: number,
  span: Span,
): Commit {
  const { asset, definition, record } = runState.world.facts(i)
  if (record === null) throw new Error(`${asset.name} has no record to adopt into`)
  const { shape, installed, rows, bytes, token } = product
  const version = versionOf(runState, i, product, keyOf(runState, i, record.codeVersion))
  const adopted: Materialization = {
    ...record,
    run,
    // Nothing was loaded, so the start, from which the age counts, stays.
    finishedAt: span.finishedAt,
    dataVersion: version,
    shape,
    installed,
    rows,
    bytes,
    token,
    how: 'adopted',
    ...(definition === null ? {} : placeOf(definition)),
  }
  return {
    record: adopted,
    remember: [],
    outcome: { state: 'adopted', version, rows },
    settled: settledAt(version, product),
  }
}

/**
 * What the commit of a record changes in what is left at old places: a moved asset leaves its old place,
 * and fills the new one. Written together with the commit. Pure.
 */
export function leftoverChanges(
  { world }: RunState,
  i: number,
  record: Materialization,
): readonly Change[] {
  const before = world.last(i) as Materialization | null
  const { leftovers } = world.state
  const filled = filledBy(record).filter((at) => leftovers.has(leftoverKey(at)))
  const left = before === null ? [] : leftBehind(before, record)
  return [
    ...filled.map((at) => ({ change: 'not_left', at }) as const),
    ...left.map((leftover) => ({ change: 'left', leftover }) as const),
  ]
}

/** The key of a fresh view, from its inputs now. Pure. */
export function viewKey(runState: RunState, i: number): Settled {
  const { asset, record } = runState.world.facts(i)
  if (record === null) throw new Error(`${asset.name} has no record, so it can't be fresh`)
  return keyOf(runState, i, record.codeVersion)
}

/** The versions of views that are `always_new`, under the keys that they have at the end of the run. Pure. */
export function newViews(runState: RunState): readonly Change[] {
  const { world, request } = runState
  return [...world.specialDefinitions()].flatMap(([i, definition]): Change[] => {
    if (definition.form !== 'view' || !request.inRun(i)) return []
    const { asset, record: before } = world.facts(i)
    const record = runState.committed.get(i) ?? before
    if (record === null || modeOf(asset, definition) !== 'always_new') return []
    const key = keyOf(runState, i, record.codeVersion)
    const settled = runState.settled[i]!
    return key.state === 'settled' && settled.state === 'settled'
      ? [{ change: 'remember', asset: asset.name, key: key.version, version: settled.version }]
      : []
  })
}

/** What a record says of its place besides the shape, so that a move is seen (SEMANTICS 27). */
function placeOf(definition: Definition): Pick<Materialization, 'outputs' | 'accumulates'> {
  const { relation, outputs, accumulates } = definition
  return relation === null ? { outputs } : { accumulates }
}

function keyOf(runState: RunState, i: number, codeVersion: string): Settled {
  return keyed(codeVersion, inputsOf(runState.world, i, runState.settled))
}

/** The version of what was built or measured, by the asset's mode. */
function versionOf(
  { world, request }: RunState,
  i: number,
  product: Product,
  key: Settled,
): Version | null {
  const facts = world.facts(i)
  const { asset, definition } = facts
  if (definition === null) return null
  const mode = modeOf(asset, definition)
  const isView = definition.form === 'view'
  // The content of a view can be known only if the versions of its inputs are.
  if (isView && mode === 'content' && key.state !== 'settled') return null
  const seen = { content: product.version, token: product.token, shape: product.shape }
  const since = sinceOf(facts, world.remembered(i), request.now)
  return versionBy(isView && mode === 'change_token' ? 'derived' : mode, seen, key, since)
}

function rememberView(
  { world }: RunState,
  i: number,
  key: Settled,
  version: Version | null,
): readonly Change[] {
  const isView = world.definition(i)?.form === 'view'
  return isView && version !== null && key.state === 'settled'
    ? [{ change: 'remember', asset: world.name(i), key: key.version, version }]
    : []
}

/** The record of a check: a result for the versions that it read. Pure. */
export function checkResult(
  runState: RunState,
  i: number,
  answer: Pick<CheckResult, 'outcome' | 'failures' | 'message'>,
  run: number,
  span: Span,
): CheckResult {
  const { name, codeVersion, parts } = runState.world.check(i)
  const inputs = recordedInputs(runState, i)
  return { check: name, run, ...span, codeVersion, parts, inputs, ...answer }
}

function settledAt(version: Version | null, { shape }: Product): Settled {
  return version === null ? { state: 'unknown' } : { state: 'settled', version, shape }
}
