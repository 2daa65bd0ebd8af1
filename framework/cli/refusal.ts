import { projectOutputConflicts } from '../execute/output-conflicts.ts'
import type { Problem } from '../model/problem.ts'
import type { Planned } from '../plan/plan.ts'
import type { DefinedProject } from '../staleness/define.ts'
import type { Consent } from './consent.ts'
import { EXIT } from './context.ts'
import type { Workspace } from './workspace.ts'

/** Why a plan is not executed, and the exit code of the command. */
export interface Refusal {
  readonly problems: readonly Problem[]
  readonly code: number
}

/**
 * Whether a plan may be executed; null if it may, or if it changes nothing. `consent` is null for a
 * command that builds nothing. `drops`: the number of relations that `--prune` drops. Problems: those of
 * `projectOutputConflicts`, `declined`.
 */
export async function refusalOf(
  { kinds, site }: Workspace,
  defined: DefinedProject,
  { plan: { steps }, comments }: Pick<Planned, 'plan' | 'comments'>,
  consent: Consent | null,
  drops = 0,
): Promise<Refusal | null> {
  if (steps.length + comments.length + drops === 0) return null
  const conflicts =
    steps.length + drops === 0 ? [] : await projectOutputConflicts(defined, kinds, site)
  if (conflicts.length > 0) return { problems: conflicts, code: EXIT.usage }
  const declined = (await consent?.to({ steps, comments, drops })) ?? null
  return declined === null ? null : { problems: [declined], code: EXIT.interrupted }
}
