import type { Place } from '../model/place.ts'
import type { CheckResult, Materialization } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import { shortVersion } from '../model/version.ts'
import type { Style } from './style.ts'
import { counted, grouped, listed, nextLine, sentence } from './text.ts'
import { clockTime, took } from './time.ts'
import { type Branch, treeLines } from './tree.ts'
import { rowChange, versionChange } from './version.ts'

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
  /** Where its code or its declaration stands, for reasons that have no file of their own. */
  readonly declared: Place | null
}

/** What `why` shows. `nodes` are in topological order, the asked one last (SEMANTICS 24). */
export interface WhyReport {
  readonly asset: string
  readonly target: string
  readonly verdict: Verdict
  readonly nodes: readonly WhyNode[]
}

/** Causes of one node that are shown before the rest is a number. */
const CAUSES = 12

/** The text of `assets why`: the chain from the asked asset to its root causes, each shown once. */
export function whyText(report: WhyReport, style: Style): string {
  const { asset, verdict } = report
  const chain = new Chain(report, style)
  const asked = report.nodes.find((node) => node.asset === asset)
  const declared = asked?.declared ?? null
  const where = declared === null ? '' : `   ${style.paint.dim(placeText(declared))}`
  return [
    `${style.paint.bold(asset)} is ${verdictText(verdict)}${where}`,
    ...(asked === undefined ? [] : treeLines(chain.causes(asked))),
    ...(asked === undefined || verdict.state === 'fresh' ? [] : chain.closing(asked)),
    '',
    nextLine(nextCommand(report), style),
  ].join('\n')
}

class Chain {
  readonly #nodes: ReadonlyMap<string, WhyNode>
  readonly #asked: string
  readonly #style: Style
  readonly #shown = new Set<string>()

  constructor({ asset, nodes }: WhyReport, style: Style) {
    this.#nodes = new Map(nodes.map((node) => [node.asset, node]))
    this.#asked = asset
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
    if (isAsked && verdict.state === 'fresh') return this.#compared(node, branches)
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
  #build({ verdict, last }: WhyNode): readonly Branch[] {
    if (last === null) return []
    const rows = 'check' in last || last.rows === null ? [] : [counted(last.rows, 'row')]
    const reference = 'check' in last || last.reference === null ? [] : [last.reference]
    const facts = [...reference, ...rows]
    const brackets = facts.length === 0 ? '' : ` (${facts.join(', ')})`
    const when = verdict.state === 'fresh' ? '' : 'last '
    return [leaf(`${when}${this.#doneBy(last)}${brackets}`)]
  }

  /** Why a fresh asset is fresh: its build, with what led to it, and what was found unchanged since. */
  #compared({ last }: WhyNode, ledToIt: readonly Branch[]): readonly Branch[] {
    if (last === null) return ledToIt
    const seconds = (last.finishedAt - last.startedAt) / 1000
    const same = last.inputs.map(({ name, version }) =>
      leaf(`${name} is still ${version === null ? 'unknown' : shortVersion(version)}`),
    )
    const shown = this.#style.all ? same : same.slice(0, CAUSES)
    const left = same.length - shown.length
    return [
      { text: `${this.#doneBy(last)}, in ${took(seconds)}`, below: () => ledToIt },
      leaf(`its code is still ${shortVersion(last.codeVersion)}`),
      ...shown,
      ...(left === 0 ? [] : [leaf(`… ${grouped(left)} more (--all)`)]),
    ]
  }

  #doneBy(last: Materialization | CheckResult): string {
    const when = `at ${clockTime(last.finishedAt, this.#style)}`
    if ('check' in last) return `run by run ${last.run} ${when}: ${last.outcome}`
    return `${last.how === 'adopted' ? 'adopted' : 'built'} by run ${last.run} ${when}`
  }
}

function leaf(text: string): Branch {
  return { text, below: () => [] }
}

function placeText({ file, line }: Place): string {
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

function nextCommand({ asset, verdict }: WhyReport): string {
  switch (verdict.state) {
    case 'stale':
    case 'pending':
      return `assets materialize ${asset}`
    case 'waiting':
      return `assets materialize ${verdict.on.join(' ')}`
    case 'building':
      return `assets runs ${verdict.run}`
    case 'fresh':
      return 'assets status'
  }
}
