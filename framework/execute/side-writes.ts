import { relationParts } from '../model/relation-name.ts'
import type { Settled, Shape, Version } from '../model/version.ts'
import { modeOf, versionBy } from '../model/version-mode.ts'
import type { SideWrite } from '../ports/batch.ts'
import type { RunState } from './run-state.ts'

/** What the side writes of one call may have done to one asset. */
export interface Touched {
  /** What wrote, for messages; null: not known. */
  readonly by: string | null
  /**
   * Whether equal content before and after the call proves that all steps of the call read this content.
   * Two statements can change a table and change it back, with a reader in between.
   */
  readonly isProvable: boolean
}

/**
 * The assets whose relations a call of these steps may have written besides building them. A write that
 * precedes the build of its asset in the call is part of what the build found. Pure.
 */
export function touchedBy(
  runState: RunState,
  steps: readonly number[],
  writes: readonly SideWrite[],
): ReadonlyMap<number, Touched> {
  const touched = new Map<number, Counts>()
  if (writes.length === 0) return touched
  const inCall = new Set(steps)
  const relations = new Relations(runState)
  for (const write of writes) {
    const counted = write.relations === null ? relations.all : relations.matching(write.relations)
    for (const i of counted) {
      if (inCall.has(i) && !write.built.has(runState.name(i))) continue
      const counts = touched.get(i) ?? new Counts()
      touched.set(i, counts)
      counts.add(write, write.built.get(runState.name(i)) ?? 'measured')
    }
  }
  return touched
}

/** The inputs of a step that it writes and does not read, by their relations. Pure. */
export function unreadInputs(
  runState: RunState,
  i: number,
  relations: readonly string[],
): ReadonlySet<number> {
  if (relations.length === 0) return NONE
  const written = new Set(new Relations(runState).matching(relations))
  return new Set(runState.world.graph.inputs(i).filter((input) => written.has(input)))
}

/** The version that an asset has after the last call that may have written it; null if it is not known. */
export function versionLeft(
  runState: RunState,
  i: number,
): { readonly version: Version | null; readonly shape: Shape | null } | null {
  const found = runState.touched.get(i)?.found
  const { asset, definition } = runState.facts(i)
  if (found?.state !== 'present' || definition?.form !== 'stored') return null
  const { version: content, token, shape } = found
  return {
    version: versionBy(modeOf(asset, definition), { content, token, shape }, UNKNOWN, 0),
    shape,
  }
}

const UNKNOWN: Settled = { state: 'unknown' }
const NONE: ReadonlySet<number> = new Set()

/** The writes to one asset. */
class Counts implements Touched {
  by: string | null = null
  #before = 0
  #during = 0
  #isUnmeasured = false
  #isPossible = false

  add({ relations, by, isBeforeSteps }: SideWrite, measured: 'measured' | 'unmeasured'): void {
    this.by ??= by
    if (measured === 'unmeasured') this.#isUnmeasured = true
    // Of writes that name nothing, no more is known than that they are possible: they count once.
    if (relations === null) this.#isPossible = true
    else if (isBeforeSteps) this.#before += 1
    else this.#during += 1
  }

  get isProvable(): boolean {
    if (this.#isUnmeasured) return false
    const during = this.#during + (this.#isPossible ? 1 : 0)
    return during === 0 || (during === 1 && this.#before === 0)
  }
}

/** The assets of a run by their relations. */
class Relations {
  readonly all: number[] = []
  readonly #byRelation = new Map<string, number[]>()
  readonly #byName = new Map<string, number[]>()
  readonly #schemas = new Set<string>()

  constructor({ world }: RunState) {
    for (let i = 0; i < world.graph.assetCount; i++) {
      const relation = world.definition(i)?.relation?.toLowerCase()
      if (relation === undefined) continue
      this.all.push(i)
      // A statement that names a database is known without it, so it may mean this relation.
      const { schema, name } = relationParts(relation)
      add(this.#byRelation, schema === null ? name : `${schema}.${name}`, i)
      add(this.#byName, name, i)
      if (schema !== null) this.#schemas.add(schema)
    }
  }

  /** The assets that a statement means, with repeats. A name without a known schema may be in any. */
  matching(written: readonly string[]): readonly number[] {
    return written.flatMap((relation) => {
      const [name, schema] = relation.split('.').reverse()
      const isExact = schema !== undefined && this.#schemas.has(schema)
      return (isExact ? this.#byRelation.get(relation) : this.#byName.get(name!)) ?? []
    })
  }
}

function add(map: Map<string, number[]>, key: string, i: number): void {
  map.set(key, [...(map.get(key) ?? []), i])
}
