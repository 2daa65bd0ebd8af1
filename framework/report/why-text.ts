import type { Location } from '../model/location.ts'
import type { CheckResult, Materialization } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import { shortVersion } from '../model/version.ts'
import { WHY_ADOPTED } from '../plan/adopted-because.ts'
import { CURSOR_LIMITS } from './cursor-limits.ts'
import { pendingOn } from './json.ts'
import { nextLines, spaced } from './next.ts'
import { type PolicyKey, policyText } from './policies.ts'
import type { Style } from './style.ts'
import { counted, grouped, listed, sentence } from './text.ts'
import { ago, clockTime, took } from './time.ts'
import { type Branch, treeLines } from './tree.ts'
import { rowChange, versionChange } from './version-change.ts'
import type { Compared, ComparedInput, WhyNode, WhyReport } from './why-report.ts'

/** Causes of one node that are shown; the others are counted. */
const CAUSES = 12

/** The text of `assets why`: a tree from the requested node to its root causes, each shown once. */
export function whyText(report: WhyReport, style: Style): string {
  const { asset, verdict, offline, next } = report
  const tree = new CauseTree(report, style)
  const requested = report.nodes.find((node) => node.asset === asset)
  const declared = requested?.declared ?? null
  const location = declared === null ? '' : `   ${style.paint.dim(locationText(declared))}`
  return [
    `${style.paint.bold(asset)} is ${verdictText(verdict)}${location}`,
    ...(offline === null
      ? []
      : [`as of the last observation, ${ago(offline.seenAt, style.now)} (--offline)`]),
    ...(requested === undefined ? [] : treeLines(tree.causes(requested))),
    ...(requested === undefined || verdict.state === 'fresh' ? [] : tree.lastBuild(requested)),
    ...report.policies.map((key) => policyLine(key, style)),
    ...spaced(nextLines(verdict.state === 'fresh' ? null : next, style)),
  ].join('\n')
}

function policyLine(key: PolicyKey, style: Style): string {
  const [text, place] = policyText(key)
  return `   ${text}   ${style.paint.dim(place)}`
}

/** Builds the branches of the tree. Remembers which nodes are shown already. */
class CauseTree {
  readonly #nodes: ReadonlyMap<string, WhyNode>
  readonly #requested: string
  readonly #compared: Compared | null
  readonly #style: Style
  readonly #shown = new Set<string>()

  constructor({ asset, nodes, compared }: WhyReport, style: Style) {
    this.#nodes = new Map(nodes.map((node) => [node.asset, node]))
    this.#requested = asset
    this.#compared = compared
    this.#style = style
  }

  /** The branches below a node: its reasons, the nodes it waits for, and at a root cause its build. */
  causes(node: WhyNode): readonly Branch[] {
    this.#shown.add(node.asset)
    const { verdict, reasons, causes } = node
    const waitsFor = pendingOn(verdict)
    const named = new Set([...reasons.map((reason) => reason.asset), ...waitsFor])
    const branches = [
      ...reasons.map((reason) => this.#reason(reason)),
      ...waitsFor.map((on) => this.#cause(`waits for ${on}`, on)),
      ...causes.filter((on) => !named.has(on)).map((on) => this.#cause(`shows ${on}`, on)),
    ]
    const isRequested = node.asset === this.#requested
    if (isRequested && verdict.state === 'fresh') return this.#fresh(node, branches)
    const build = causes.length === 0 && !isRequested ? this.#build(node) : []
    const shown = this.#style.all ? branches : branches.slice(0, CAUSES)
    const hidden = branches.length - shown.length
    const more = hidden === 0 ? [] : [leaf(`… ${grouped(hidden)} more (--all)`)]
    return [...ownChange(node), ...shown, ...more, ...build]
  }

  /** `fact_payment was last built by run 40 at 02:00:31 yesterday, from stg_payment 3f2a91c0`. */
  lastBuild({ asset, last, reasons }: WhyNode): readonly string[] {
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
    const change = rowChange(cause.before, cause.last)
    const rows = change && `   ${change}`
    return this.#linked(`${text}, which is ${verdictText(cause.verdict)}${rows}`, cause)
  }

  /** A line with the causes of its node below it, unless they are already shown further up. */
  #linked(text: string, node: WhyNode): Branch {
    const isShown = this.#shown.has(node.asset)
    const suffix = isShown && node.causes.length > 0 ? ' (see above)' : ''
    return { text: `${text}${suffix}`, below: () => (isShown ? [] : this.causes(node)) }
  }

  /** The last build of a root cause. */
  #build({ verdict, last, root }: WhyNode): readonly Branch[] {
    if (last === null) return []
    const cause =
      root === 'not_deterministic' && !('check' in last)
        ? [leaf('rebuilt from the same code and inputs with a different result: not deterministic')]
        : []
    const rows = 'check' in last || last.rows === null ? [] : [counted(last.rows, 'row')]
    const when = verdict.state === 'fresh' ? '' : 'last '
    return [...cause, leaf(`${when}${this.#doneBy(last)}${bracketed(...jobOf(last), ...rows)}`)]
  }

  /** Why a node is fresh: its build with the reasons for it, and what is unchanged since. */
  #fresh({ last }: WhyNode, reasons: readonly Branch[]): readonly Branch[] {
    if (last === null) return reasons
    const seconds = (last.finishedAt - last.startedAt) / 1000
    const inputs = (this.#compared?.inputs ?? []).map((input) => leaf(inputText(input)))
    const shown = this.#style.all ? inputs : inputs.slice(0, CAUSES)
    const hidden = inputs.length - shown.length
    return [
      {
        text: `${this.#doneBy(last)}${bracketed(...jobOf(last))}, in ${took(seconds)}`,
        below: () => reasons,
      },
      leaf(`code unchanged: ${shortVersion(last.codeVersion)}`),
      ...shown,
      ...(hidden === 0 ? [] : [leaf(`… ${grouped(hidden)} more (--all)`)]),
      ...observationTexts(last, this.#compared).map(leaf),
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
        return `built ${by} with unchanged content`
      case 'adopted':
        return last.because === undefined
          ? `adopted ${by}`
          : `adopted ${by}: ${WHY_ADOPTED[last.because]}`
    }
  }
}

/** The external job that did the build, by the name that the service gives it. */
function jobOf(last: Materialization | CheckResult): readonly string[] {
  return 'check' in last || last.reference === null ? [] : [last.reference]
}

const bracketed = (...facts: readonly string[]): string =>
  facts.length === 0 ? '' : ` (${facts.join(', ')})`

/** How a virtual asset changed in itself, if no build has reasons for it. */
function ownChange({ root }: WhyNode): readonly Branch[] {
  switch (root) {
    case 'code':
      return [leaf('its own code changed, or the list of what it reads')]
    case 'always_new':
      return [leaf('always_new: each run counts it as changed')]
    case 'adopted':
    case 'not_deterministic':
    case null:
      return []
  }
}

function leaf(text: string): Branch {
  return { text, below: () => [] }
}

/** `stg_payment unchanged: 14e7b325`. A fresh view can have changed inputs: it shows their content. */
function inputText({ asset, was, is }: ComparedInput): string {
  if (was !== null && was === is) return `${asset} unchanged: ${shortVersion(was)}`
  if (is === null) return `${asset} is not rebuilt yet; the view will show its new content`
  const before = was === null ? 'unknown' : shortVersion(was)
  return `${asset} changed: ${before} → ${shortVersion(is)}; the view shows its new content`
}

/** What was observed of the asset itself and of its source. */
function observationTexts(
  last: Materialization | CheckResult,
  compared: Compared | null,
): readonly string[] {
  if ('check' in last || compared === null) return []
  const observed: Readonly<Record<Compared['itself'], string>> = {
    untouched: 'output unchanged since the build',
    content:
      last.dataVersion === null
        ? 'output still exists'
        : `content unchanged: ${shortVersion(last.dataVersion)}`,
    definition: 'view definition unchanged',
    unlooked: 'output not observed',
  }
  const column = compared.asFarAs
  const asFarAs = column === null ? '' : `, as far as \`${column}\` tells: ${CURSOR_LIMITS}`
  const source = compared.source ? [`source unchanged since the load${asFarAs}`] : []
  return [...source, observed[compared.itself]]
}

function locationText({ file, line }: Location): string {
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
