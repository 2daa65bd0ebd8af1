import { createHash } from 'node:crypto'
import type { KindName, Policy } from '../../framework/model/asset.ts'
import type { Definition, Form } from '../../framework/model/definition.ts'

/** One asset of a fake project: what a test may change between two commands. */
export interface FakeAsset {
  deps: string[]
  /** Its code. Other code gives other content, unless `constant` is set. */
  code: string
  form: Form
  kind: KindName
  policy: Policy
  accumulates: Definition['accumulates']
  /** The content of every build, independent of code and inputs, like a model that drops what changed. */
  constant: string | null
  /** The column list. A view works as long as its inputs have the columns that it was created with. */
  columns: string
  /** Its relation, if that is not its name. */
  alias: string | null
  /** Raw assets: the content of the source now. */
  source: string | null
  /** What the answer of a probe to "unchanged" is worth; `no` for a source without a probe. */
  probed: 'no' | 'proof' | 'cursor'
  unit: string | null
  clock: boolean
  /** Its SQL is worked out from the content of its inputs at the time, as a pivot is. */
  pivots: boolean
  fails: boolean
  /** A failing build fails with a transient problem. */
  transient: boolean
  /** A failing build leaves half of its table behind. */
  leavesHalf: boolean
  /** Externals: exists, but can't be read. */
  unreadable: boolean
  /** What its comment must hold, '' for no comment; null if the project does not say. */
  words: string | null
  /** Its comment can't be set without a build. */
  refusesWords: boolean
}

export interface FakeCheck {
  reads: string[]
  code: string
  severity: 'error' | 'warn'
  result: 'pass' | 'warn' | 'fail'
  clock: boolean
  codeOnly: boolean
}

/** A statement that writes to another asset than the one that is built. */
export interface FakeHook {
  /** The asset whose build it follows, or when in a call it runs. */
  readonly of: string | 'on-run-start' | 'on-run-end'
  readonly target: string
  /** The content that it leaves. */
  readonly leaves: (before: string) => string
  /** The call does not say what it writes. */
  readonly isOpaque?: boolean
  /** The content of `of` does not depend on the target, although that is an input of it. */
  readonly isUnread?: boolean
}

/** An input in a statement: a relation with its columns at the time, or an ephemeral's statement. */
export type Sql =
  | { readonly is: 'relation'; readonly relation: string; readonly columns: string }
  | {
      readonly is: 'select'
      readonly code: string
      readonly constant: string | null
      readonly columns: string
      readonly reads: readonly Sql[]
    }

/** Relations that count how often each was written or dropped, as a warehouse's change token does. */
class Counted<T> extends Map<string, T> {
  readonly writes = new Map<string, number>()

  override set(relation: string, value: T): this {
    this.#count(relation)
    return super.set(relation, value)
  }

  override delete(relation: string): boolean {
    if (this.has(relation)) this.#count(relation)
    return super.delete(relation)
  }

  #count(relation: string): void {
    this.writes.set(relation, (this.writes.get(relation) ?? 0) + 1)
  }
}

/**
 * Sources, a warehouse and the declarations of a project, without files, processes or databases.
 * Contents are strings that name what they were made of.
 */
export class FakeWorld {
  readonly assets = new Map<string, FakeAsset>()
  readonly checks = new Map<string, FakeCheck>()
  readonly hooks: FakeHook[] = []
  /** The content of each table. */
  readonly tables = new Counted<string>()
  /** The definition with which each view was created. */
  readonly views = new Counted<Extract<Sql, { is: 'select' }>>()
  readonly columns = new Map<string, string>()
  /** Comments of relations that have one. */
  readonly comments = new Map<string, string>()

  /** A copy, for predictions. */
  clone(): FakeWorld {
    const copy = new FakeWorld()
    for (const [name, asset] of this.assets) copy.assets.set(name, { ...asset })
    for (const [name, check] of this.checks) copy.checks.set(name, { ...check })
    for (const [relation, content] of this.tables) copy.tables.set(relation, content)
    for (const [relation, writes] of this.tables.writes) copy.tables.writes.set(relation, writes)
    for (const [relation, sql] of this.views) copy.views.set(relation, sql)
    for (const [relation, columns] of this.columns) copy.columns.set(relation, columns)
    return copy
  }

  relationOf(name: string): string {
    return this.assets.get(name)?.alias ?? name
  }

  /** The definition without inputs and relation, from which the code version is made. */
  definitionOf(name: string): string {
    const { code, form, accumulates, columns, constant, pivots } = this.assets.get(name)!
    return JSON.stringify([name, code, form, accumulates, columns, constant, pivots])
  }

  /** How a statement written now would read an asset. */
  reference(name: string): Sql {
    const asset = this.assets.get(name)!
    if (asset.form === 'ephemeral') return this.#select(asset)
    const relation = this.relationOf(name)
    return { is: 'relation', relation, columns: this.columns.get(relation) ?? '' }
  }

  /** The content that a reader of the asset sees now; null if it is absent or broken. */
  see(name: string): string | null {
    return this.evaluate(this.reference(name))
  }

  evaluate(sql: Sql): string | null {
    if (sql.is === 'select') {
      if (sql.constant !== null) return digest(sql.columns, sql.constant)
      const seen = sql.reads.map((read) => this.evaluate(read))
      return seen.includes(null) ? null : digest(sql.columns, sql.code, ...seen)
    }
    // A statement that was created with other columns fails.
    if ((this.columns.get(sql.relation) ?? '') !== sql.columns) return null
    const view = this.views.get(sql.relation)
    return view === undefined ? (this.tables.get(sql.relation) ?? null) : this.evaluate(view)
  }

  isThere(name: string): boolean {
    const relation = this.relationOf(name)
    return this.tables.has(relation) || this.views.has(relation)
  }

  /** A view's definition as the warehouse shows it; null for a table or an absent relation. */
  shownDefinition(relation: string): string | null {
    const view = this.views.get(relation)
    return view === undefined
      ? null
      : JSON.stringify(view, (key, value) => (key === 'columns' ? undefined : value))
  }

  /** The content that a full build would give now; null if an input is absent. */
  wouldHold(name: string): string | null {
    const asset = this.assets.get(name)!
    if (asset.form === 'external') return this.see(name)
    if (asset.accumulates !== 'no') {
      const piece = this.#piece(asset)
      return piece === null ? null : `${prefix(asset)}[${piece}]`
    }
    return this.#piece(asset)
  }

  /** Builds an asset as an external program would: in full, or on top of its existing content. */
  build(name: string, full: boolean): void {
    const asset = this.assets.get(name)!
    const relation = this.relationOf(name)
    if (asset.form === 'view') {
      this.tables.delete(relation)
      this.comments.delete(relation)
      this.views.set(relation, this.#select(asset))
    } else {
      const before = this.tables.get(relation)
      const content = this.wouldHold(name) ?? digest('nothing')
      this.views.delete(relation)
      const onTop = asset.accumulates !== 'no' && !full && before !== undefined
      if (!onTop) this.comments.delete(relation)
      this.tables.set(relation, onTop ? append(before, this.#piece(asset) ?? '') : content)
    }
    this.columns.set(relation, asset.columns)
    // A build sets words, and deletes none.
    if (asset.words) this.comments.set(relation, asset.words)
  }

  /** Sets the comment of a relation, which counts as a write. */
  describe(name: string): void {
    const { words } = this.assets.get(name)!
    const relation = this.relationOf(name)
    if (words) this.comments.set(relation, words)
    else this.comments.delete(relation)
    const content = this.tables.get(relation)
    if (content !== undefined) this.tables.set(relation, content)
  }

  drop(name: string): void {
    const relation = this.relationOf(name)
    this.comments.delete(relation)
    this.tables.delete(relation)
    this.views.delete(relation)
  }

  #select(asset: FakeAsset): Extract<Sql, { is: 'select' }> {
    const { constant, columns } = asset
    const seen = asset.pivots ? ` over ${digest(...asset.deps.map((dep) => this.see(dep)))}` : ''
    return {
      is: 'select',
      code: `${asset.code}${seen}`,
      constant,
      columns,
      reads: asset.deps.map((dep) => this.reference(dep)),
    }
  }

  #piece(asset: FakeAsset): string | null {
    if (asset.constant !== null) return digest(asset.columns, asset.constant)
    return asset.source === null
      ? this.evaluate(this.#select(asset))
      : digest(asset.columns, asset.code, asset.source)
  }
}

/** `inc select 1[piece,piece]`: built in full with the first piece, continued with the others. */
function prefix(asset: FakeAsset): string {
  return asset.accumulates === 'snapshot' ? 'snap' : `inc ${asset.code} ${asset.columns}`
}

function append(content: string, piece: string): string {
  const body = content.endsWith(']') ? content.slice(0, -1) : content
  return body.endsWith(piece) ? `${body}]` : `${body},${piece}]`
}

export function digest(...parts: readonly (string | null)[]): string {
  return createHash('sha1').update(JSON.stringify(parts)).digest('hex').slice(0, 12)
}
