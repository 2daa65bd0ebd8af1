import type { Asset } from '../../model/asset.ts'
import type { Problem } from '../../model/problem.ts'
import type { Batch, BatchStep, OnWait, Report } from '../../ports/batch.ts'
import type { Site } from '../../ports/site.ts'

export interface StreamStep {
  readonly asset: Asset
  readonly step: BatchStep
}

/** A connection and the steps of its streams. */
export interface ConnectionGroup<C> {
  readonly connection: C
  readonly steps: readonly StreamStep[]
}

/** A batch, and what is needed to run it. */
export interface BatchWork {
  readonly batch: Batch
  readonly report: Report
  /** What these connections wait for. */
  readonly onWait: OnWait
  readonly site: Site
}

/** Reports all steps as failed with the first problem. */
export async function failAll(
  steps: readonly StreamStep[],
  problems: readonly Problem[],
  report: Report,
): Promise<void> {
  for (const { step } of steps) {
    await report({
      step: 'failed',
      name: step.name,
      problem: { ...problems[0]!, asset: step.name },
    })
  }
}
