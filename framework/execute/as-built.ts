import { hash } from '../lib/hash.ts'
import type { Definition } from '../model/definition.ts'
import type {
  CheckResult,
  Materialization,
  RecordedObservation,
  StateSnapshot,
} from '../model/record.ts'
import { RecordTable } from '../model/tables/record-table.ts'
import { contentVersion, type Shape, type Version } from '../model/version.ts'
import { wordsSubject, wordsToken } from '../model/words.ts'
import { planFor } from '../plan/plan.ts'
import { everything } from '../plan/scope.ts'
import type { Product } from '../ports/batch.ts'
import { decideOne } from '../staleness/decide-all.ts'
import { type DeclaredParts, World } from '../staleness/world.ts'
import { checkResult, commitBuild } from './commit.ts'
import { RunState } from './run-state.ts'

/** The run that built everything. Real runs begin at 1. */
const RUN = 0

/** The content of each asset is known, and equals nothing else. */
const SCHEME = 'as-built/1'

/** The state of a target in which nothing was built. */
export const unbuilt: StateSnapshot = {
  records: RecordTable.from(new Map()),
  checks: new Map(),
  journal: new Map(),
  forced: new Map(),
  remembered: new Map(),
  observed: new Map(),
  changeTokens: new Map(),
  leftovers: new Map(),
}

/**
 * The state of a target right after one run has built everything that a project defines, all its checks have passed, and
 * every external was there (SEMANTICS 42). The records are those that the commits of that run write. `now`: when
 * it ran, in milliseconds since the epoch. Pure.
 */
export function asBuilt(declared: DeclaredParts, now: number): StateSnapshot {
  const { graph, definitions, words } = declared
  const observed = new Map<string, RecordedObservation>()
  for (let i = 0; i < graph.assetCount; i++) {
    const definition = definitions.get(graph.names[i]!)
    if (definition?.form === 'external') observed.set(graph.names[i]!, presentAt(definition, now))
  }
  const state = { ...unbuilt, observed }
  const world = new World({ ...declared, state, observations: new Map() })
  const run = new RunState(planFor(world, everything(graph, 'look'), now))
  const span = { startedAt: now, finishedAt: now }
  const records = new Map<string, Materialization>()
  const checks = new Map<string, CheckResult>()
  const remembered = new Map<string, Map<string, Version>>()
  for (const i of graph.order) {
    const name = graph.names[i]!
    if (graph.isCheck(i)) {
      checks.set(
        name,
        checkResult(run, i, { outcome: 'pass', failures: 0, message: null }, RUN, span),
      )
      continue
    }
    const definition = definitions.get(name)
    if (definition === undefined) continue
    if (definition.form === 'external' || definition.form === 'ephemeral') {
      const known = { verdicts: run.verdict, settled: run.settled }
      run.settled[i] = decideOne(world, run.request, i, known, null).settled
      continue
    }
    const { record, remember, settled } = commitBuild(run, i, productOf(definition), RUN, span)
    records.set(name, record)
    run.settled[i] = settled
    for (const change of remember) {
      if (change.change === 'remember')
        remembered.set(name, new Map([[change.key, change.version]]))
    }
  }
  const changeTokens = new Map(
    [...words].map(([name, one]) => [wordsSubject(name), wordsToken(one, RUN)]),
  )
  return { ...state, records: RecordTable.from(records), checks, remembered, changeTokens }
}

/**
 * The state of the base for the project of a working tree: an external that the base does not have counts as present,
 * because whether it exists is not known. `built` and `base`: the state and the definitions of the base. Pure.
 */
export function withNewExternals(
  built: StateSnapshot,
  base: DeclaredParts['definitions'],
  now: DeclaredParts['definitions'],
  at: number,
): StateSnapshot {
  const observed = new Map(built.observed)
  for (const definition of now.values()) {
    const isNew = base.get(definition.asset)?.form !== 'external'
    if (definition.form === 'external' && isNew)
      observed.set(definition.asset, presentAt(definition, at))
  }
  return { ...built, observed }
}

/** What is observed of an external that exists. */
function presentAt(definition: Definition, at: number): RecordedObservation {
  const { asset, codeVersion } = definition
  const version = contentVersion(SCHEME, asset, codeVersion)
  return { at, codeVersion, version, shape: shapeOf(definition), token: asset, present: true }
}

function productOf(definition: Definition): Product {
  const { asset, form } = definition
  return {
    version: contentVersion(SCHEME, asset),
    shape: shapeOf(definition),
    installed: form === 'view' ? hash(asset) : null,
    rows: null,
    bytes: null,
    token: asset,
    source: null,
    reference: null,
  }
}

function shapeOf({ relation, asset }: Definition): Shape | null {
  return relation === null ? null : { relation, columns: hash(asset) }
}
