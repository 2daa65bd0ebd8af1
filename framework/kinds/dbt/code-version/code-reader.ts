import { hash } from '../../../lib/hash.ts'
import { type Json, stableJson } from '../../../lib/json.ts'
import type { CodePart } from '../../../model/definition.ts'
import type { ManifestFacts } from '../manifest/worker-manifest.ts'
import type { CodeSource } from './code-source.ts'
import type { Macro, Macros } from './macros.ts'
import { ReadParts, readsAny } from './read-parts.ts'
import { significantConfig } from './significant-config.ts'
import { templateOf } from './template.ts'

/** What defines a model, a seed, a snapshot or a test, apart from its inputs. */
export interface Code {
  readonly parts: readonly CodePart[]
  readonly version: string
  /** Whether it names the clock, so that equal inputs may give other rows. */
  readonly clock: boolean
  /** Whether dbt asks the warehouse for data while it renders the code. */
  readonly data: boolean
}

/** Computes the code versions of one parsed project. `env` has the values of `env_var()`. */
export class CodeReader {
  readonly #macros: Macros
  readonly #reads: ReadParts

  constructor(
    facts: ManifestFacts,
    macros: Macros,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    this.#macros = macros
    this.#reads = new ReadParts(facts, macros, env)
  }

  /** Parts: its own text, its config, the macros it can call, and whatever all of those can read. */
  read(source: CodeSource): Code {
    const config = significantConfig(source.config)
    const own = [source.template, ...source.strings.map(templateOf)].map(({ reads }) => reads)
    const called = this.#macros.reach(source.macros, own)
    const building = this.#macros.reach(
      source.materialization === null ? [] : [source.materialization],
      [{ macros: source.strategies, dispatched: [] }],
    )
    const reached = unique([...called, ...building]).filter(({ part }) => part !== null)
    const known = [...own, ...reached.map((macro) => macro.reads)]
    // Any macro may be called, and with it whatever it reads.
    const any = readsAny(known, 'macros') ? this.#macros.all().map(({ reads }) => reads) : []
    const reads = [...known, ...any]
    const rendering = [...own, ...called.map((macro) => macro.reads), ...any]
    const parts = distinct([
      { label: source.label, version: source.template.digest, file: source.file },
      ...configPart(config, source.file),
      { label: 'references', version: source.references },
      ...source.extraParts,
      ...(reads.some(({ relations }) => relations === 'values') ? source.relations : []),
      ...reached.flatMap(({ part }) => part ?? []),
      ...this.#reads.of(source, config, reads, rendering),
    ])
    return {
      parts,
      version: versionOf(parts),
      clock: [...rendering, ...reads].some(({ clock }) => clock),
      data: rendering.some(({ data }) => data) || building.some(asksForData),
    }
  }
}

/** The code version that parts add up to, in any order. */
export function versionOf(parts: readonly CodePart[]): string {
  const pairs = parts.map(({ label, version }) => stableJson([label, version])).sort()
  return hash(...pairs)
}

/** The first part of each label. */
export function distinct(parts: readonly CodePart[]): readonly CodePart[] {
  return [...new Map([...parts].reverse().map((part) => [part.label, part])).values()].reverse()
}

/** A macro of the project that a materialization calls asks for data itself. Its statements are builds. */
function asksForData({ part, reads }: Macro): boolean {
  return part !== null && (reads.data || reads.macros.includes('run_query'))
}

function configPart(config: Readonly<Record<string, Json>>, file: string): readonly CodePart[] {
  if (Object.keys(config).length === 0) return []
  return [{ label: 'config', version: hash(stableJson(config)), file }]
}

function unique(macros: readonly Macro[]): readonly Macro[] {
  return [...new Map(macros.map((macro) => [macro.id, macro])).values()].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  )
}
