import { verify as rebuild, type Verified } from '../execute/verify.ts'
import { buildGraph } from '../graph/graph.ts'
import { removeAbandonedFolders } from '../lib/temporary-folder.ts'
import type { KindName } from '../model/asset.ts'
import { ok, type Result } from '../model/problem.ts'
import { WAREHOUSE_TOKEN } from '../model/record.ts'
import { NO_OUTCOMES } from '../model/step.ts'
import { type Candidates, candidatesOf, sampleOf } from '../plan/verify.ts'
import type { Kind } from '../ports/kind.ts'
import type { Lease, State } from '../ports/state.ts'
import { type Decisions, fold } from '../staleness/fold.ts'
import { type Gathered, gather } from '../staleness/gather.ts'
import type { DefinedProject } from '../staleness/observe.ts'
import { commandLine } from './command-line.ts'
import { type Context, EXIT } from './context.ts'
import { acquire } from './lease.ts'
import type { Output } from './output.ts'
import { askDbt, choose, type SelectArguments, statesOf } from './selecting.ts'
import { defineProject } from './survey.ts'
import { withState } from './with-state.ts'
import type { Workspace } from './workspace.ts'

export interface VerifyOptions extends SelectArguments {
  readonly target: string | null
  /** How much of what can be verified is: up to 1. */
  readonly share: number
  /** null: any. */
  readonly seed: number | null
  readonly wait: boolean
}

/** `assets verify`: the soundness audit. Builds fresh assets again in scratch and compares. */
export async function verify(
  context: Context,
  output: Output,
  options: VerifyOptions,
): Promise<number> {
  return withState(context, output, options.target, async (workspace, state) => {
    const defined = await defineProject(workspace)
    if (!defined.ok) return output.tell(defined.problems, EXIT.usage)
    const command = commandOf(options)
    const { wait } = options
    const asking = { command, job: null, wait }
    const lease = await acquire(workspace, state, context, output, asking)
    if (!lease.ok) return output.tell(lease.problems, EXIT.failed)
    if (lease.value === null) return EXIT.busy
    return underLease(lease.value, context.signal, (held) =>
      audit(workspace, state, held, defined.value, context, output, options),
    )
  })
}

/** The lease keeps runs away while inputs are read; it is given back whatever happens. */
async function underLease(
  lease: Lease,
  signal: AbortSignal,
  use: (lease: Lease) => Promise<number>,
): Promise<number> {
  let code: number = EXIT.failed
  try {
    code = await use(lease)
    return code
  } finally {
    const ended = code === EXIT.done ? 'succeeded' : 'failed'
    const outcome = signal.aborted ? 'cancelled' : ended
    await lease.release({ outcome, counts: NO_OUTCOMES })
  }
}

async function audit(
  workspace: Workspace,
  state: State,
  lease: Lease,
  defined: DefinedProject,
  context: Context,
  output: Output,
  options: VerifyOptions,
): Promise<number> {
  const { site, project } = workspace
  const looked = await lookAround(workspace, state, defined)
  if (!looked.ok) return output.tell(looked.problems, EXIT.failed)
  const { gathered, decisions } = looked.value
  const { world } = gathered
  const chosen = await choose(options, {
    project,
    graph: world.graph,
    definitions: world.definitions,
    checks: world.checks,
    states: async () => ok(statesOf(world, decisions)),
    dbt: () => askDbt(defined, 'as_is'),
  })
  if (!chosen.ok) return output.tell(chosen.problems, EXIT.usage)
  output.warnings([...chosen.value.warnings, ...gathered.problems])

  const kinds = await kindsOf(workspace)
  const unable = new Map(
    [...kinds].flatMap(([name, { rebuilder }]) =>
      'unverifiable' in rebuilder ? [[name, rebuilder.unverifiable] as const] : [],
    ),
  )
  const candidates = candidatesOf(world, decisions, chosen.value.selected, unable)
  const seed = options.seed ?? Math.floor(context.random() * 1_000_000)
  const nameOf = (index: number) => world.graph.names[index]!
  const indices = sampleOf(candidates.fit, nameOf, options.share, seed)
  const began = site.clock()
  const verified = await untouched(workspace, state, lease, () =>
    rebuild({
      world,
      decisions,
      indices,
      kinds,
      site,
      progress: (done) => output.notice(`verified ${done} of ${indices.length}`),
    }),
  )
  if (!verified.ok) return output.tell(verified.problems, EXIT.failed)
  const report = {
    project: project.name,
    target: site.target.name,
    ...together(candidates, verified.value),
    candidates: candidates.fit.length,
    sampled: indices.length,
    share: options.share,
    seed,
    seconds: (site.clock() - began) / 1000,
    interrupted: site.signal.aborted,
  }
  const problems = report.findings.flatMap(({ problem }) => (problem === null ? [] : [problem]))
  const placed = await output.place(problems)
  output.verified({
    ...report,
    findings: report.findings.map((finding) =>
      finding.problem === null
        ? finding
        : { ...finding, problem: placed[problems.indexOf(finding.problem)] ?? finding.problem },
    ),
  })
  const unsound = report.findings.some(
    ({ finding }) => finding === 'false_fresh' || finding === 'failed',
  )
  return unsound || gathered.problems.length > 0 ? EXIT.failed : EXIT.done
}

interface Gathered2 {
  readonly gathered: Gathered
  readonly decisions: Decisions
}

/** Every verdict against what is there now: nothing is built, so an input counts at what it holds. */
async function lookAround(
  { kinds, site }: Workspace,
  state: State,
  defined: DefinedProject,
): Promise<Result<Gathered2>> {
  const graph = buildGraph(site.project.assets, defined.checks)
  if (!graph.ok) return graph
  const snapshot = await state.snapshot(site.target.name)
  if (!snapshot.ok) return snapshot
  const gathered = await gather(defined, snapshot.value, 'online', kinds, site)
  if (!gathered.ok) return gathered
  const nothing = { now: site.clock(), purpose: 'look', inRun: () => false } as const
  return ok({ gathered: gathered.value, decisions: fold(gathered.value.world, nothing) })
}

/**
 * Takes the warehouse's proof away while scratch is in use, so that whoever comes after a kill looks
 * for himself and clears up; gives it back when the warehouse is as it was.
 */
async function untouched(
  { site }: Workspace,
  state: State,
  lease: Lease,
  use: () => Promise<Verified>,
): Promise<Result<Verified>> {
  removeAbandonedFolders(site.home)
  const snapshot = await state.snapshot(site.target.name)
  if (!snapshot.ok) return snapshot
  const token = snapshot.value.changeTokens.get(WAREHOUSE_TOKEN) ?? null
  const forgotten = await lease.write([gate(null)])
  if (!forgotten.ok) return forgotten
  const verified = await use()
  const warehouse = site.target.warehouse === null ? null : await site.warehouse()
  const now = warehouse?.ok ? await warehouse.value.changeToken() : null
  if (token !== null && now === token) await lease.write([gate(token)])
  return ok(verified)
}

const gate = (token: string | null) =>
  ({ change: 'change_token', subject: WAREHOUSE_TOKEN, token }) as const

function together(candidates: Candidates, { findings, leftOut }: Verified): Verified {
  return { findings, leftOut: [...candidates.leftOut, ...leftOut] }
}

async function kindsOf({ kinds, site }: Workspace): Promise<ReadonlyMap<KindName, Kind>> {
  const names = new Set(site.project.assets.map((asset) => asset.kind))
  const made = new Map<KindName, Kind>()
  for (const name of names) made.set(name, await kinds(name))
  return made
}

function commandOf(options: VerifyOptions): string {
  const share = options.share === 1 ? [] : ['--sample', `${100 * options.share}%`]
  const seed = options.seed === null ? [] : ['--seed', String(options.seed)]
  const words = ['verify', ...options.select, ...share, ...seed]
  return commandLine(words, { ...options, only: false }).replace(/^assets /, '')
}
