import type { Problem } from '../model/problem.ts'
import type { PlanStep } from '../model/step.ts'
import type { DefinedProject } from '../staleness/observe.ts'
import type { Consent } from './consent.ts'
import { EXIT } from './context.ts'
import { overwrites } from './overwrites.ts'
import type { Workspace } from './workspace.ts'

/** Why a plan is not carried out, and what the command exits with for it. */
export interface Refusal {
  readonly problems: readonly Problem[]
  readonly code: number
}

/**
 * Whether these steps may be taken; null when they may. A plan without steps always may. `consent` is
 * null where nothing will be built anyway. Problems: those of `overwrites`, `declined`.
 */
export async function refusalOf(
  workspace: Workspace,
  defined: DefinedProject,
  steps: readonly PlanStep[],
  consent: Consent | null,
): Promise<Refusal | null> {
  if (steps.length === 0) return null
  const found = await overwrites(workspace, defined)
  if (found.length > 0) return { problems: found, code: EXIT.usage }
  const declined = (await consent?.to(steps)) ?? null
  return declined === null ? null : { problems: [declined], code: EXIT.interrupted }
}
