import type { CheckResult, Materialization, RecordedInput } from '../model/record.ts'
import type { Outcome } from '../model/step.ts'
import type { Settled, Version } from '../model/version.ts'
import { modeOf, versionBy } from '../model/version-mode.ts'
import type { Product } from '../ports/batch.ts'
import type { Change } from '../ports/state.ts'
import { factsOf, inputsOf, peculiar } from '../staleness/fold.ts'
import { keyed } from '../staleness/settle.ts'
import type { RunState } from './run-state.ts'
import type { Span } from './step-times.ts'

/** What a commit writes and what it means for the run. */
export interface Commit {
  readonly record: Materialization
  /** What a view shows under its key, once that is certain. */
  readonly remember: readonly Change[]
  readonly outcome: Outcome
  readonly settled: Settled
}

/** The inputs of a node as they are now, for its record; `null` is unknown. */
export function recordedInputs(runState: RunState, index: number): readonly RecordedInput[] {
  return Array.from(runState.world.graph.inputs(index), (input): RecordedInput => {
    const settled = runState.settled[input]!
    const name = runState.name(input)
    const under = runState.isVirtual(input) ? { under: shownBy(runState, input) } : {}
    if (settled.state === 'settled') {
      return { name, version: settled.version, shape: settled.shape, ...under }
    }
    const statement = runState.world.inlined.get(name)
    const shape = statement === undefined ? null : { relation: statement, columns: null }
    return { name, version: null, shape, ...under }
  })
}

/** What a virtual asset shows, through every virtual asset above it, each once. */
function shownBy(runState: RunState, virtual: number): NonNullable<RecordedInput['under']> {
  const shown = new Map<number, { name: string; version: string | null }>()
  const open = [virtual]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const input of runState.world.graph.inputs(at)) {
      if (shown.has(input)) continue
      const settled = runState.settled[input]!
      const version = settled.state === 'settled' ? settled.version : null
      shown.set(input, { name: runState.name(input), version })
      if (runState.isVirtual(input)) open.push(input)
    }
  }
  return [...shown.values()]
}

/** The record of a build. All its inputs have their last word by now. Pure. */
export function commitBuild(
  runState: RunState,
  index: number,
  product: Product,
  run: number,
  span: Span,
): Commit {
  const name = runState.name(index)
  const { definition, record: before } = factsOf(runState.world, name)
  if (definition === null) throw new Error(`${name} was built without a definition`)
  const key = keyOf(runState, index, definition.codeVersion)
  const version = versionOf(runState, index, product, key)
  const same = before !== null && version !== null && before.dataVersion === version
  const record: Materialization = {
    asset: name,
    run,
    ...span,
    codeVersion: definition.codeVersion,
    parts: definition.parts,
    inputs: recordedInputs(runState, index),
    dataVersion: version,
    shape: product.shape,
    installed: product.installed,
    rows: product.rows,
    bytes: product.bytes,
    token: product.token,
    source: product.source,
    reference: product.reference,
    how: same ? 'unchanged' : 'built',
  }
  return {
    record,
    remember: rememberedAs(runState, index, key, version),
    outcome: { state: same ? 'unchanged' : 'built', version, rows: product.rows },
    settled: settledAt(version, product),
  }
}

/** A drifted asset taken as it stands: its record keeps code and inputs, and holds the new content. */
export function commitAdoption(
  runState: RunState,
  index: number,
  product: Product,
  run: number,
  span: Span,
): Commit {
  const { record } = factsOf(runState.world, runState.name(index))
  if (record === null) throw new Error(`${runState.name(index)} has no record to adopt into`)
  const { shape, installed, rows, bytes, token } = product
  const key = keyOf(runState, index, record.codeVersion)
  const version = versionOf(runState, index, product, key)
  const adopted: Materialization = {
    ...record,
    run,
    // Nothing was loaded, so what is there is as old as it was.
    finishedAt: span.finishedAt,
    dataVersion: version,
    shape,
    installed,
    rows,
    bytes,
    token,
    how: 'adopted',
  }
  return {
    record: adopted,
    remember: [],
    outcome: { state: 'adopted', version, rows },
    settled: settledAt(version, product),
  }
}

/** The key of a fresh view as its inputs stand now. */
export function viewKey(runState: RunState, index: number): Settled {
  const { record } = factsOf(runState.world, runState.name(index))
  if (record === null) throw new Error(`${runState.name(index)} has no record to be fresh by`)
  return keyOf(runState, index, record.codeVersion)
}

/** What the views that are always new show from this run on, under the keys that they ended with. Pure. */
export function newViews(runState: RunState): readonly Change[] {
  const { world, request } = runState
  return [...peculiar(world)].flatMap((definition): Change[] => {
    const asset = definition.asset
    const index = world.graph.indexOf(asset)
    if (index === undefined || definition.form !== 'view' || !request.inRun(index)) return []
    const facts = factsOf(world, asset)
    const record = runState.committed.get(index) ?? facts.record
    if (record === null || modeOf(facts.asset, definition) !== 'always_new') return []
    const key = keyOf(runState, index, record.codeVersion)
    const settled = runState.settled[index]!
    return key.state === 'settled' && settled.state === 'settled'
      ? [{ change: 'remember', asset, key: key.version, version: settled.version }]
      : []
  })
}

function keyOf(runState: RunState, index: number, codeVersion: string): Settled {
  const inputs = inputsOf(runState.world, index, runState.settled)
  return keyed(codeVersion, inputs)
}

/** The version of what was built or measured, under the asset's mode. */
function versionOf(
  runState: RunState,
  index: number,
  product: Product,
  key: Settled,
): Version | null {
  const { asset, definition } = factsOf(runState.world, runState.name(index))
  if (definition === null) return null
  const mode = modeOf(asset, definition)
  const seen = { content: product.version, token: product.token, shape: product.shape }
  const isView = definition.form === 'view'
  // What a view shows is known only as long as what it shows it of is.
  if (isView && mode === 'content' && key.state !== 'settled') return null
  const viewMode = isView && mode === 'change_token' ? 'derived' : mode
  return versionBy(viewMode, seen, key, runState.request.now)
}

function rememberedAs(
  runState: RunState,
  index: number,
  key: Settled,
  version: Version | null,
): readonly Change[] {
  const asset = runState.name(index)
  const isView = runState.world.definitions.get(asset)?.form === 'view'
  return isView && version !== null && key.state === 'settled'
    ? [{ change: 'remember', asset, key: key.version, version }]
    : []
}

/** The record of a check: a fact about the versions it read. Pure. */
export function checkResult(
  runState: RunState,
  index: number,
  answer: Pick<CheckResult, 'outcome' | 'failures' | 'message'>,
  run: number,
  span: Span,
): CheckResult {
  const name = runState.name(index)
  const check = runState.world.checks.get(name)
  if (check === undefined) throw new Error(`no check ${name} in this run`)
  return {
    check: name,
    run,
    ...span,
    codeVersion: check.codeVersion,
    parts: check.parts,
    inputs: recordedInputs(runState, index),
    ...answer,
  }
}

function settledAt(version: string | null, product: Product): Settled {
  return version === null
    ? { state: 'unknown' }
    : { state: 'settled', version, shape: product.shape }
}
