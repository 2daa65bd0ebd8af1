import type { CheckResult, Materialization, RecordedInput } from '../model/record.ts'
import type { Outcome } from '../model/step.ts'
import type { Settled } from '../model/version.ts'
import type { Product } from '../ports/kind.ts'
import type { Change } from '../ports/state.ts'
import { factsOf, inputsOf } from '../staleness/fold.ts'
import { keyed } from '../staleness/settle.ts'
import type { Ledger } from './ledger.ts'

/** When a step began and ended, milliseconds since the epoch. */
export interface Span {
  readonly startedAt: number
  readonly finishedAt: number
}

/** What a commit writes and what it means for the run. */
export interface Commit {
  readonly changes: readonly Change[]
  readonly outcome: Outcome
  readonly settled: Settled
}

/** The inputs of a node as they are now, for its record; `null` is unknown. */
export function recordedInputs(ledger: Ledger, index: number): readonly RecordedInput[] {
  return Array.from(ledger.world.graph.inputs(index), (input): RecordedInput => {
    const settled = ledger.settled[input]!
    const name = ledger.name(input)
    const under = isVirtual(ledger, input) ? { under: shownBy(ledger, input) } : {}
    return settled.state === 'settled'
      ? { name, version: settled.version, shape: settled.shape, ...under }
      : { name, version: null, shape: null, ...under }
  })
}

/** What a virtual asset shows, through every virtual asset above it, each once. */
function shownBy(ledger: Ledger, virtual: number): NonNullable<RecordedInput['under']> {
  const shown = new Map<number, { name: string; version: string | null }>()
  const open = [virtual]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const input of ledger.world.graph.inputs(at)) {
      if (shown.has(input)) continue
      const settled = ledger.settled[input]!
      const version = settled.state === 'settled' ? settled.version : null
      shown.set(input, { name: ledger.name(input), version })
      if (isVirtual(ledger, input)) open.push(input)
    }
  }
  return [...shown.values()]
}

function isVirtual(ledger: Ledger, index: number): boolean {
  const form = ledger.world.definitions.get(ledger.name(index))?.form
  return form === 'view' || form === 'ephemeral'
}

/** The record of a build. All its inputs have their last word by now. Pure. */
export function commitBuild(
  ledger: Ledger,
  index: number,
  product: Product,
  run: number,
  span: Span,
): Commit {
  const name = ledger.name(index)
  const { definition, record: before } = factsOf(ledger.world, name)
  if (definition === null) throw new Error(`${name} was built without a definition`)
  const key = keyed(definition.codeVersion, inputsOf(ledger.world, index, ledger.settled))
  const isView = definition.form === 'view'
  const version =
    isView && definition.dataVersion === 'derived' && key.state === 'settled'
      ? key.version
      : product.version
  const same = before !== null && version !== null && before.dataVersion === version
  const record: Materialization = {
    asset: name,
    run,
    ...span,
    codeVersion: definition.codeVersion,
    parts: definition.parts,
    inputs: recordedInputs(ledger, index),
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
  const changes: Change[] = [{ change: 'commit', record }]
  if (isView && version !== null && key.state === 'settled') {
    changes.push({ change: 'remember', asset: name, key: key.version, version })
  }
  return {
    changes,
    outcome: { state: same ? 'unchanged' : 'built', version, rows: product.rows },
    settled: settledAt(version, product),
  }
}

/** A drifted asset taken as it stands: its record keeps code and inputs, and holds the new content. */
export function commitAdoption(
  ledger: Ledger,
  index: number,
  product: Product,
  run: number,
  span: Span,
): Commit {
  const { record } = factsOf(ledger.world, ledger.name(index))
  if (record === null) throw new Error(`${ledger.name(index)} has no record to adopt into`)
  const { version, shape, installed, rows, bytes, token } = product
  const adopted: Materialization = {
    ...record,
    run,
    ...span,
    dataVersion: version,
    shape,
    installed,
    rows,
    bytes,
    token,
    how: 'adopted',
  }
  return {
    changes: [{ change: 'commit', record: adopted }],
    outcome: { state: 'adopted', version, rows },
    settled: settledAt(version, product),
  }
}

/** The record of a check: a fact about the versions it read. Pure. */
export function checkResult(
  ledger: Ledger,
  index: number,
  answer: Pick<CheckResult, 'outcome' | 'failures' | 'message'>,
  run: number,
  span: Span,
): CheckResult {
  const name = ledger.name(index)
  const check = ledger.world.checks.get(name)
  if (check === undefined) throw new Error(`no check ${name} in this run`)
  return {
    check: name,
    run,
    ...span,
    codeVersion: check.codeVersion,
    parts: check.parts,
    inputs: recordedInputs(ledger, index),
    ...answer,
  }
}

function settledAt(version: string | null, product: Product): Settled {
  return version === null
    ? { state: 'unknown' }
    : { state: 'settled', version, shape: product.shape }
}
