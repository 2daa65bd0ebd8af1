import { computed, effect, signal } from '@preact/signals'
import type { MarkName, Overview, OverviewAsset } from '../data/overview.ts'
import type { PageRunDetail, StepProgress } from '../data/runs.ts'
import { DocumentError, isExported, load, type PageProblem } from './documents.ts'
import { listen } from './live.ts'

// What all views show parts of.

export const overview = signal<Overview | null>(null)
/** Why there is no newer overview: the project can't be read, or the server is gone. */
export const problems = signal<readonly PageProblem[]>([])
/** The run that is going on; null if there is none. */
export const liveRun = signal<PageRunDetail | null>(null)
/** Counts changes of the state: documents are loaded again when it changes. */
export const version = signal(0)
/** Milliseconds since the epoch; it moves on each second while something runs, else twice a minute. */
export const now = signal(isExported ? 0 : Date.now())

/** The assets by name. */
export const assetsByName = computed(
  () => new Map((overview.value?.assets ?? []).map((asset, i) => [asset.name, { asset, i }])),
)

/** What the live run did with each node so far. */
export const liveSteps = computed(() => {
  const steps = new Map<string, LiveStep>()
  for (const { at, event } of liveRun.value?.events ?? []) {
    const name = event.asset
    if (typeof name !== 'string') continue
    if (event.event === 'step_started') steps.set(name, { state: 'running', since: at })
    if (event.event === 'step_finished') {
      steps.set(name, { state: event.outcome as LiveStep['state'], since: at })
    }
  }
  return steps
})

/** How far each running step of the live run is. */
export const liveProgress = computed(() => {
  const progress = new Map<string, StepProgress>()
  for (const event of liveRun.value?.progress ?? []) {
    if (event.event === 'step_progress') progress.set(event.asset, event)
  }
  return progress
})

export interface LiveStep {
  readonly state: 'running' | PageRunDetail['steps'][number]['outcome']
  readonly since: number
}

/** The mark of an asset at this moment: as the live run left it, or as its verdict says. */
export function markNow(asset: OverviewAsset): MarkName {
  const step = liveSteps.value.get(asset.name)
  switch (step?.state) {
    case undefined:
    case 'blocked':
    case 'cancelled':
      return asset.mark
    case 'running':
      return 'building'
    case 'failed':
      return 'failed'
    case 'built':
    case 'unchanged':
    case 'adopted':
    case 'released':
    case 'checked':
      return 'fresh'
  }
}

/** Begins to load and to listen. */
export function start(): void {
  if (isExported) {
    void refresh()
    effect(() => {
      now.value = overview.value?.seenAt ?? 0
    })
    return
  }
  listen({
    changed: () => {
      version.value += 1
      void refresh()
    },
    run: (run) => {
      liveRun.value = merged(liveRun.value, run)
    },
    lost: (message) => {
      problems.value = message === null ? [] : [{ message }]
    },
  })
  setInterval(() => {
    if (liveRun.value !== null || Date.now() - now.value > 30_000) now.value = Date.now()
  }, 1_000)
}

async function refresh(): Promise<void> {
  try {
    overview.value = await load<Overview>('overview')
    problems.value = []
    now.value = isExported ? now.value : Date.now()
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error
    problems.value = error.problems.length > 0 ? error.problems : [{ message: error.message }]
  }
}

/** Events are sent once, progress as a whole. */
function merged(known: PageRunDetail | null, run: PageRunDetail | null): PageRunDetail | null {
  if (run === null || known === null || known.run !== run.run) return run
  const last = known.events.at(-1)?.seq ?? 0
  const events = [...known.events, ...run.events.filter(({ seq }) => seq > last)]
  return { ...run, events }
}
