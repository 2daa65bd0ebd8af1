import type { Graph } from '../graph/graph.ts'
import type { Asset, KindName } from '../model/asset.ts'
import type { Check, Definition } from '../model/definition.ts'
import type { Observation } from '../model/observation.ts'
import { isObservedHere } from '../model/place.ts'
import type {
  CheckResult,
  Forced,
  JournalEntry,
  Materialization,
  RecordedObservation,
  StateSnapshot,
} from '../model/record.ts'
import type { AssetTable } from '../model/tables/asset-table.ts'
import type { CodeVersionTable } from '../model/tables/code-version-table.ts'
import type { Version } from '../model/version.ts'
import type { Words } from '../model/words.ts'
import { inlinedStatements, type Statement } from './inlined.ts'
import { describedAssets } from './words.ts'

const NOTHING: ReadonlyMap<string, Version> = new Map()

/** Everything that a decision uses of one asset, apart from its inputs. */
export interface AssetFacts {
  readonly asset: Asset
  /** null while it is not known: dbt's project was not parsed yet. */
  readonly definition: Definition | null
  readonly record: Materialization | null
  readonly journal: JournalEntry | null
  readonly forced: Forced | null
  /** The observation of this command; null if it did not observe the asset. */
  readonly observation: Observation | null
  /** The recorded observation, if it is newer than the record. */
  readonly lastObserved: RecordedObservation | null
}

/** Everything that a decision uses of one check, apart from its inputs. */
export interface CheckFacts {
  readonly check: Check
  readonly result: CheckResult | null
  readonly journal: JournalEntry | null
  readonly forced: Forced | null
}

/** What a project declares. */
export interface DeclaredParts {
  readonly graph: Graph
  readonly assets: AssetTable
  /** An asset that is not in it has a definition that is not known yet. */
  readonly definitions: ReadonlyMap<string, Definition>
  /** The code versions of the assets of whose definition a decision needs nothing else. */
  readonly codes: CodeVersionTable
  /** What comments must hold. No decision looks at it. */
  readonly words: ReadonlyMap<string, Words>
  readonly checks: ReadonlyMap<string, Check>
  /** The kinds that build everything that is ready in one call. */
  readonly together: ReadonlySet<KindName>
}

/** What a world is made of. */
export interface WorldParts extends DeclaredParts {
  readonly state: StateSnapshot
  /** Empty when offline: decisions then use records and the last observations. */
  readonly observations: ReadonlyMap<string, Observation>
}

/**
 * Everything that a decision may look at, gathered before the first decision (law 6). Immutable. Nodes
 * are numbers of the graph.
 */
export class World {
  readonly parts: WorldParts
  readonly graph: Graph
  readonly state: StateSnapshot
  readonly #inlined: ReadonlyMap<string, Statement>
  #described: ReadonlySet<string> | null = null

  constructor(parts: WorldParts) {
    this.parts = parts
    this.graph = parts.graph
    this.state = parts.state
    this.#inlined = inlinedStatements(parts)
  }

  /** This world with these nodes forced. `forced` does not weaken a full refresh (SEMANTICS 15). */
  withForced(names: Iterable<string>, as: Forced): World {
    const forced = new Map(this.state.forced)
    for (const name of names) if (forced.get(name) !== 'full_refresh') forced.set(name, as)
    return this.withState({ forced })
  }

  /** This world in another state, such as without what this run itself wrote. */
  withState(change: Partial<StateSnapshot>): World {
    return new World({ ...this.parts, state: { ...this.state, ...change } })
  }

  /** This world with newer observations of some assets. */
  withObservations(newer: ReadonlyMap<string, Observation>): World {
    const observations = new Map([...this.parts.observations, ...newer])
    return new World({ ...this.parts, observations })
  }

  name(i: number): string {
    return this.graph.names[i]!
  }

  asset(i: number): Asset {
    return this.parts.assets.at(i)
  }

  check(i: number): Check {
    const check = this.parts.checks.get(this.name(i))
    if (check === undefined) throw new Error(`${this.name(i)} is not a check`)
    return check
  }

  /** The kind that builds an asset or runs a check. */
  kind(i: number): KindName {
    return this.graph.isCheck(i) ? this.check(i).kind : this.asset(i).kind
  }

  /** null for a check, and while it is not known. */
  definition(i: number): Definition | null {
    return this.parts.definitions.get(this.name(i)) ?? null
  }

  /** Whether an asset holds no data: a view or an ephemeral. */
  isVirtual(i: number): boolean {
    const form = this.definition(i)?.form
    return form === 'view' || form === 'ephemeral'
  }

  isExternal(i: number): boolean {
    return this.definition(i)?.form === 'external'
  }

  /** The last result of a check, or the record of an asset; null if there is none. */
  last(i: number): Materialization | CheckResult | null {
    const { records, checks } = this.state
    const name = this.name(i)
    return (this.graph.isCheck(i) ? checks.get(name) : records.get(name)) ?? null
  }

  facts(i: number): AssetFacts {
    const { state } = this
    const name = this.name(i)
    const definition = this.definition(i)
    return {
      asset: this.asset(i),
      definition,
      record: state.records.get(name) ?? null,
      journal: state.journal.get(name) ?? null,
      forced: state.forced.get(name) ?? null,
      observation: this.parts.observations.get(name) ?? null,
      lastObserved: lastObservedOf(definition, state.observed.get(name)),
    }
  }

  /** The versions of a view that are remembered, by key. */
  remembered(i: number): ReadonlyMap<string, Version> {
    return this.state.remembered.get(this.name(i)) ?? NOTHING
  }

  checkFacts(i: number): CheckFacts {
    const { state } = this
    const name = this.name(i)
    return {
      check: this.check(i),
      result: state.checks.get(name) ?? null,
      journal: state.journal.get(name) ?? null,
      forced: state.forced.get(name) ?? null,
    }
  }

  /** The assets whose comments are known to hold their words. */
  get described(): ReadonlySet<string> {
    this.#described ??= describedAssets(this.parts.words, this.state)
    return this.#described
  }

  /** The hash of the statement that an ephemeral is inlined as; null for any other node. */
  inlined(i: number): string | null {
    return this.#statement(i)?.hash ?? null
  }

  /** Whether the statement of an ephemeral is worked out from data; false for any other node. */
  isInlinedFromData(i: number): boolean {
    return this.#statement(i)?.isRenderedFromData ?? false
  }

  #statement(i: number): Statement | undefined {
    return this.#inlined.size === 0 ? undefined : this.#inlined.get(this.name(i))
  }

  /**
   * Definitions that a decision needs more of than a code version: units, virtual assets, externals,
   * policies that depend on the time.
   */
  *specialDefinitions(): Generator<readonly [index: number, Definition]> {
    const { codes } = this.parts
    for (let i = 0; i < this.graph.assetCount; i++) {
      const definition = codes.has(i) ? null : this.definition(i)
      if (definition !== null) yield [i, definition]
    }
  }
}

/** What is known of an external that was observed at another path or relation: nothing (SEMANTICS 27). */
function lastObservedOf(
  definition: Definition | null,
  last: RecordedObservation | undefined,
): RecordedObservation | null {
  if (last === undefined || definition?.form !== 'external') return last ?? null
  return isObservedHere(last, definition) === false
    ? { at: last.at, version: null, shape: null, token: null, present: true }
    : last
}

/** The question of a command to a world: what may be built, and when. */
export interface Request {
  /** The start of the run, for each of its decisions. Milliseconds since the epoch. */
  readonly now: number
  /** `look`: an asset that is new in each run (`always_new`) is not new each time it is looked at. */
  readonly purpose: 'run' | 'look'
  /** Whether the command may build this node. */
  inRun(i: number): boolean
  /** Whether the command asked for this node. The other members of its unit are in the run, too. */
  wasAsked(i: number): boolean
}
