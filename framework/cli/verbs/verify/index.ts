import { kindsOf } from '../../../execute/output-conflicts.ts'
import { verify as rebuild, type Verified } from '../../../execute/verify.ts'
import { removeAbandoned } from '../../../lib/temporary-folder.ts'
import { ok, type Result } from '../../../model/problem.ts'
import { WAREHOUSE_TOKEN } from '../../../model/record.ts'
import { NO_OUTCOMES } from '../../../model/step.ts'
import { planFor } from '../../../plan/plan.ts'
import { NOTHING } from '../../../plan/scope.ts'
import { type Candidates, candidatesOf, sampleOf } from '../../../plan/verify.ts'
import type { Lease, State } from '../../../ports/state.ts'
import { verifyReporter } from '../../../report/verify.ts'
import type { DefinedProject } from '../../../staleness/define.ts'
import { commandLine } from '../../command-line.ts'
import { type Context, EXIT, exitCodeFor } from '../../context.ts'
import { acquire } from '../../lease.ts'
import type { Output } from '../../output.ts'
import { choose, type SelectArguments } from '../../selecting.ts'
import { defineProject, survey } from '../../survey.ts'
import { withState } from '../../with-state.ts'
import type { Workspace } from '../../workspace.ts'

export interface VerifyOptions extends SelectArguments {
  readonly target: string | null
  /** The share of the candidates to verify: up to 1. */
  readonly share: number
  /** null: a random one. */
  readonly seed: number | null
  readonly wait: boolean
}

/** `assets verify`: the audit. Builds fresh assets again in scratch and compares. */
export async function verify(
  context: Context,
  output: Output,
  options: VerifyOptions,
): Promise<number> {
  return withState(context, output, { target: options.target }, async (workspace, state) => {
    const defined = await defineProject(workspace)
    if (!defined.ok) return output.fail(defined.problems, EXIT.usage)
    const request = { command: commandOf(options), job: null, wait: options.wait }
    const lease = await acquire(workspace, state, context, output, request)
    if (!lease.ok) return output.fail(lease.problems, EXIT.failed)
    if (lease.value === null) return EXIT.busy
    return underLease(lease.value, context.signal, (held) =>
      audit({ workspace, state, lease: held, defined: defined.value, context, output }, options),
    )
  })
}

/** The lease keeps runs away while inputs are read. It is released in any case. */
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

interface Audit {
  readonly workspace: Workspace
  readonly state: State
  readonly lease: Lease
  readonly defined: DefinedProject
  readonly context: Context
  readonly output: Output
}

async function audit(auditing: Audit, options: VerifyOptions): Promise<number> {
  const { workspace, state, defined, context, output } = auditing
  const { site, project } = workspace
  const seen = await survey(workspace, state, defined, { look: 'online' })
  if (!seen.ok) return output.fail(seen.problems, exitCodeFor(seen.problems))
  const { gathered } = seen.value
  const { world } = gathered
  const chosen = await choose(options, { workspace, defined, world })
  if (!chosen.ok) return output.fail(chosen.problems, EXIT.usage)
  output.warnings([...chosen.value.warnings, ...gathered.problems])

  const kinds = await kindsOf(site, workspace.kinds)
  const unverifiable = new Map(
    [...kinds].flatMap(([name, { rebuilder }]) =>
      'unverifiable' in rebuilder ? [[name, rebuilder.unverifiable] as const] : [],
    ),
  )
  // Nothing is built, so every input counts at what it holds now.
  const planned = planFor(world, NOTHING, site.clock())
  const candidates = candidatesOf(world, planned.decisions, chosen.value.selected, unverifiable)
  const seed = options.seed ?? Math.floor(context.random() * 1_000_000)
  const indices = sampleOf(candidates.fit, (i) => world.name(i), options.share, seed)
  const began = site.clock()
  const verified = await withoutWarehouseToken(auditing, () =>
    rebuild({
      planned,
      indices,
      kinds,
      site,
      progress: (done) => output.notice(`verified ${done} of ${indices.length}`),
    }),
  )
  if (!verified.ok) return output.fail(verified.problems, EXIT.failed)
  const report = {
    project: project.name,
    target: site.target.name,
    ...together(candidates, verified.value),
    selected: candidates.fit.length + candidates.leftOut.length,
    candidates: candidates.fit.length,
    sampled: indices.length,
    share: options.share,
    seed,
    seconds: (site.clock() - began) / 1000,
    interrupted: site.signal.aborted,
  }
  const problems = report.findings.flatMap(({ problem }) => (problem === null ? [] : [problem]))
  output.foresee([...problems, ...gathered.problems])
  const located = await output.locate(problems)
  output.show(verifyReporter, {
    ...report,
    findings: report.findings.map((finding) =>
      finding.problem === null
        ? finding
        : { ...finding, problem: located[problems.indexOf(finding.problem)] ?? finding.problem },
    ),
  })
  const isUnsound = report.findings.some(
    ({ finding }) => finding === 'false_fresh' || finding === 'failed',
  )
  return isUnsound || gathered.problems.length > 0 ? EXIT.failed : EXIT.done
}

/**
 * Deletes the recorded change token of the warehouse while scratch schemas are in use, so that after a
 * kill the next command observes and cleans up. Records the token again if the warehouse still has it.
 */
async function withoutWarehouseToken(
  { workspace: { site }, state, lease }: Audit,
  use: () => Promise<Verified>,
): Promise<Result<Verified>> {
  removeAbandoned(site.home)
  const snapshot = await state.snapshot(site.target.name)
  if (!snapshot.ok) return snapshot
  const recorded = snapshot.value.changeTokens.get(WAREHOUSE_TOKEN) ?? null
  const deleted = await lease.write([tokenChange(null)])
  if (!deleted.ok) return deleted
  const verified = await use()
  const warehouse = site.target.warehouse === null ? null : await site.warehouse()
  const now = warehouse?.ok ? await warehouse.value.changeToken() : null
  if (recorded !== null && now === recorded) await lease.write([tokenChange(recorded)])
  return ok(verified)
}

const tokenChange = (token: string | null) =>
  ({ change: 'change_token', subject: WAREHOUSE_TOKEN, token }) as const

function together(candidates: Candidates, { leftOut, ...rest }: Verified): Verified {
  return { ...rest, leftOut: [...candidates.leftOut, ...leftOut] }
}

function commandOf(options: VerifyOptions): string {
  const share = options.share === 1 ? [] : ['--sample', `${100 * options.share}%`]
  const seed = options.seed === null ? [] : ['--seed', String(options.seed)]
  const words = ['verify', ...options.select, ...share, ...seed]
  return commandLine(words, { ...options, only: false }).replace(/^assets /, '')
}
