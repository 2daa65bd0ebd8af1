import type { Location } from '../model/location.ts'
import type { CheckResult, Materialization } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import { shortVersion, type Version } from '../model/version.ts'
import type { Style } from './style.ts'
import { counted, grouped, listed, nextLine, sentence } from './text.ts'
import { ago, clockTime, took } from './time.ts'
import { type Branch, treeLines } from './tree.ts'
import { rowChange, versionChange } from './version-change.ts'

/** One asset or check in the chain of causes. */
export interface WhyNode {
  readonly asset: string
  readonly verdict: Verdict
  /** Why it is stale now; for one that is not, why its last build ran. */
  readonly reasons: readonly Reason[]
  /** Nodes that explain it further: the assets its reasons name, what it is pending on. */
  readonly causes: readonly string[]
  /** Its latest build, or a check's latest result. */
  readonly last: Materialization | CheckResult | null
  /** The build whose output the node below had seen, when that is not `last`. */
  readonly before: Materialization | null
  /** What explains `last` where no reason does. */
  readonly root: 'adopted' | 'not_deterministic' | null
  /** Where its declaration stands, or the code of a check. */
  readonly declared: Location | null
}

/** An input as the last build saw it and as it is; null where that is not known. */
export interface ComparedInput {
  readonly asset: string
  readonly was: Version | null
  readonly is: Version | null
}

/** What was held against the record of something that is fresh. */
export interface Compared {
  readonly inputs: readonly ComparedInput[]
  /**
   * How it was looked at itself: a token proved that nothing touched it, its content was hashed, its
   * definition was read, or not at all.
   */
  readonly itself: 'untouched' | 'content' | 'definition' | 'unlooked'
  /** Its source proved that nothing moved since the load. */
  readonly source: boolean
}

/** What `why` shows. `nodes` are in topological order, the asked one last (SEMANTICS 24). */
export interface WhyReport {
  readonly asset: string
  readonly target: string
  readonly verdict: Verdict
  readonly nodes: readonly WhyNode[]
  /** For what is fresh; null for anything else. */
  readonly compared: Compared | null
  /** From records alone: when one of the nodes was seen last, milliseconds since the epoch. */
  readonly offline: { readonly seenAt: number } | null
  /** What to type next. */
  readonly next: string
}

/** Causes of one node that are shown before the rest is a number. */
const CAUSES = 12

/** The text of `assets why`: the chain from the asked asset to its root causes, each shown once. */
export function whyText(report: WhyReport, style: Style): string {
  const { asset, verdict, offline, next } = report
  const chain = new Chain(report, style)
  const asked = report.nodes.find((node) => node.asset === asset)
  const declared = asked?.declared ?? null
  const where = declared === null ? '' : `   ${style.paint.dim(placeText(declared))}`
  return [
    `${style.paint.bold(asset)} is ${verdictText(verdict)}${where}`,
    ...(offline === null
      ? []
      : [`as of the last observation, ${ago(offline.seenAt, style.now)} (--offline)`]),
    ...(asked === undefined ? [] : treeLines(chain.causes(asked))),
    ...(asked === undefined || verdict.state === 'fresh' ? [] : chain.closing(asked)),
    '',
    nextLine(next, style),
  ].join('\n')
}

class Chain {
  readonly #nodes: ReadonlyMap<string, WhyNode>
  readonly #asked: string
  readonly #compared: Compared | null
  readonly #style: Style
  readonly #shown = new Set<string>()

  constructor({ asset, nodes, compared }: WhyReport, style: Style) {
    this.#nodes = new Map(nodes.map((node) => [node.asset, node]))
    this.#asked = asset
    this.#compared = compared
    this.#style = style
  }

  /** What hangs below a node: its reasons, what it waits for, and at a root its build. */
  causes(node: WhyNode): readonly Branch[] {
    this.#shown.add(node.asset)
    const { verdict, reasons, causes } = node
    const waitsFor = verdict.state === 'pending' || verdict.state === 'waiting' ? verdict.on : []
    const named = new Set([...reasons.map((reason) => reason.asset), ...waitsFor])
    const branches = [
      ...reasons.map((reason) => this.#reason(reason)),
      ...waitsFor.map((on) => this.#cause(`waits for ${on}`, on)),
      ...causes.filter((on) => !named.has(on)).map((on) => this.#cause(`shows ${on}`, on)),
    ]
    const isAsked = node.asset === this.#asked
    if (isAsked && verdict.state === 'fresh') return this.#fresh(node, branches)
    const build = causes.length === 0 && !isAsked ? this.#build(node) : []
    const shown = this.#style.all ? branches : branches.slice(0, CAUSES)
    const left = branches.length - shown.length
    const more = left === 0 ? [] : [leaf(`… ${grouped(left)} more (--all)`)]
    return [...shown, ...more, ...build]
  }

  /** `fact_payment was last built by run 40 at 02:00:31 yesterday, from stg_payment 3f2a91c0`. */
  closing({ asset, last, reasons }: WhyNode): readonly string[] {
    if (last === null) return []
    const about = new Set(reasons.map((reason) => reason.asset))
    const inputs = last.inputs.filter(({ name }) => about.has(name))
    const from = inputs.map(({ name, version }) =>
      version === null ? name : `${name} ${shortVersion(version)}`,
    )
    const source = from.length === 0 || from.length > CAUSES ? '' : `, from ${listed(from)}`
    return [`   ${asset} was last ${this.#doneBy(last)}${source}`]
  }

  #reason(reason: Reason): Branch {
    const cause = reason.asset === undefined ? undefined : this.#nodes.get(reason.asset)
    const change =
      (cause === undefined ? '' : rowChange(cause.before, cause.last)) || versionChange(reason)
    const name = this.#style.paint.red(reason.reason)
    const text = `${name}: ${sentence(reason.message)}${change && `   ${change}`}`
    return cause === undefined ? leaf(text) : this.#linked(text, cause)
  }

  #cause(text: string, name: string): Branch {
    const cause = this.#nodes.get(name)
    if (cause === undefined) return leaf(text)
    return this.#linked(`${text}, which is ${verdictText(cause.verdict)}`, cause)
  }

  /** A line with its node's causes below it, unless they stand further up already. */
  #linked(text: string, node: WhyNode): Branch {
    const again = this.#shown.has(node.asset)
    const told = again && node.causes.length > 0 ? `${text} (told above)` : text
    return { text: told, below: () => (again ? [] : this.causes(node)) }
  }

  /** How a root came to be what it is. */
  #build({ verdict, last, root }: WhyNode): readonly Branch[] {
    if (last === null) return []
    const again =
      root === 'not_deterministic' && !('check' in last)
        ? [leaf(`built again from the same code and inputs: it is not deterministic`)]
        : []
    const rows = 'check' in last || last.rows === null ? [] : [counted(last.rows, 'row')]
    const when = verdict.state === 'fresh' ? '' : 'last '
    return [...again, leaf(`${when}${this.#doneBy(last)}${bracketed(...jobOf(last), ...rows)}`)]
  }

  /** Why a fresh asset is fresh: its build, with what led to it, and what was found unchanged since. */
  #fresh({ last }: WhyNode, ledToIt: readonly Branch[]): readonly Branch[] {
    if (last === null) return ledToIt
    const seconds = (last.finishedAt - last.startedAt) / 1000
    const inputs = (this.#compared?.inputs ?? []).map((input) => leaf(inputText(input)))
    const shown = this.#style.all ? inputs : inputs.slice(0, CAUSES)
    const left = inputs.length - shown.length
    return [
      {
        text: `${this.#doneBy(last)}${bracketed(...jobOf(last))}, in ${took(seconds)}`,
        below: () => ledToIt,
      },
      leaf(`its code is still ${shortVersion(last.codeVersion)}`),
      ...shown,
      ...(left === 0 ? [] : [leaf(`… ${grouped(left)} more (--all)`)]),
      ...itselfTexts(last, this.#compared).map(leaf),
    ]
  }

  #doneBy(last: Materialization | CheckResult): string {
    const when = `at ${clockTime(last.finishedAt, this.#style)}`
    if ('check' in last) return `run by run ${last.run} ${when}: ${last.outcome}`
    const by = `by run ${last.run} ${when}`
    switch (last.how) {
      case 'built':
        return `built ${by}`
      case 'unchanged':
        return `built ${by} with the content it had before`
      case 'adopted':
        return `taken as somebody else left it ${by}`
    }
  }
}

/** The job outside that did it, as the service names it. */
function jobOf(last: Materialization | CheckResult): readonly string[] {
  return 'check' in last || last.reference === null ? [] : [last.reference]
}

const bracketed = (...facts: readonly string[]): string =>
  facts.length === 0 ? '' : ` (${facts.join(', ')})`

function leaf(text: string): Branch {
  return { text, below: () => [] }
}

/** `stg_payment is still 14e7b325`; a view hands on what changed below it. */
function inputText({ asset, was, is }: ComparedInput): string {
  if (was !== null && was === is) return `${asset} is still ${shortVersion(was)}`
  if (is === null) return `${asset} is not settled yet; what it becomes shows through`
  const before = was === null ? 'not known' : shortVersion(was)
  return `${asset} was ${before} and is ${shortVersion(is)} now, which shows through`
}

/** What was found of the asset itself. */
function itselfTexts(
  last: Materialization | CheckResult,
  compared: Compared | null,
): readonly string[] {
  if ('check' in last || compared === null) return []
  const found: Readonly<Record<Compared['itself'], string>> = {
    untouched: 'nothing has touched it since',
    content:
      last.dataVersion === null
        ? 'it is still there'
        : `it still holds ${shortVersion(last.dataVersion)}`,
    definition: 'its definition is the one that was created',
    unlooked: 'it was not looked at itself',
  }
  const source = compared.source ? ['its source proved that nothing moved since the load'] : []
  return [...source, found[compared.itself]]
}

function placeText({ file, line }: Location): string {
  return line > 1 ? `${file}:${line}` : file
}

function verdictText(verdict: Verdict): string {
  switch (verdict.state) {
    case 'building':
      return `being built by run ${verdict.run}`
    case 'fresh':
    case 'stale':
    case 'pending':
    case 'waiting':
      return verdict.state
  }
}
