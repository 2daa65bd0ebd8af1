import type { PageRunDetail, PageStep } from '../../data/runs.ts'

/** A step as a bar. Times are milliseconds since the epoch. */
export interface Bar {
  readonly name: string
  readonly from: number
  readonly to: number
  /** `running` for a step that has not ended; `starting` for what steps waited for: a call before its first one. */
  readonly outcome: PageStep['outcome'] | 'running' | 'starting'
  readonly isCheck: boolean
  readonly batch: number
  /** Whether the run would have been shorter without it. */
  readonly isCritical: boolean
  readonly step: PageStep | null
}

/** A row of bars that do not overlap, and what its bars have in common. */
export interface Lane {
  readonly title: string
  readonly bars: readonly Bar[]
}

/** What a run did, as bars in lanes: one lane for each call of a tool and each thread in it. */
export interface Gantt {
  readonly lanes: readonly Lane[]
  /** Steps that did not have to run, at the time when that was known. */
  readonly released: readonly Bar[]
  readonly from: number
  readonly to: number
}

/**
 * The bars of a run. `inputsOf`: the assets that an asset or check reads. `now`: the end of a bar that still grows. Pure.
 */
export function ganttOf(
  run: PageRunDetail,
  now: number,
  inputsOf: (name: string) => readonly string[],
): Gantt {
  const bars = barsOf(run, now)
  const worked = bars.filter(({ outcome }) => didWork(outcome))
  const critical = criticalPath(worked, inputsOf)
  const marked = worked.map((bar) => ({ ...bar, isCritical: critical.has(bar.name) }))
  marked.push(...startsOf(run, worked, now), ...definingOf(run, now))
  const released = bars.filter(({ outcome }) => !didWork(outcome))
  const from = Math.min(run.startedAt, ...bars.map((bar) => bar.from))
  const end = run.finishedAt ?? (run.outcome === 'running' ? now : from)
  return {
    lanes: lanesOf(marked),
    released,
    from,
    to: Math.max(end, from + 1, ...bars.map((bar) => bar.to)),
  }
}

function didWork(outcome: Bar['outcome']): boolean {
  return outcome !== 'released' && outcome !== 'blocked' && outcome !== 'cancelled'
}

/** The steps that ended, from the run's history or its log, and those that run. */
function barsOf(run: PageRunDetail, now: number): readonly Bar[] {
  const bars = new Map<string, Bar>()
  for (const { at, event } of run.events) {
    const name = event.asset
    if (typeof name !== 'string') continue
    if (event.event === 'step_started') {
      const batch = typeof event.batch === 'number' ? event.batch : 0
      const base = { name, from: at, to: now, batch, isCheck: false, isCritical: false, step: null }
      bars.set(name, { ...base, outcome: 'running' })
    }
    if (event.event === 'step_finished') {
      const known = bars.get(name)
      const seconds = typeof event.seconds === 'number' ? event.seconds : 0
      bars.set(name, {
        name,
        from: at - seconds * 1000,
        to: at,
        outcome: event.outcome as Bar['outcome'],
        isCheck: event.action === 'check',
        batch: known?.batch ?? 0,
        isCritical: false,
        step: null,
      })
    }
  }
  for (const step of run.steps) {
    bars.set(step.name, {
      name: step.name,
      from: step.startedAt,
      to: step.finishedAt,
      outcome: step.outcome,
      isCheck: step.action === 'check',
      batch: step.batch,
      isCritical: false,
      step,
    })
  }
  // Of a run that has ended, a step without an end was lost with it.
  const ended = run.finishedAt
  return [...bars.values()].map((bar) =>
    bar.outcome === 'running' && ended !== null ? { ...bar, to: ended, outcome: 'cancelled' } : bar,
  )
}

/** Shorter starts of calls are not worth a bar, in milliseconds. */
const SHORT_START = 300

/** The time from the start of each call to its first step: dbt starts, Airbyte runs a job. */
function startsOf(run: PageRunDetail, bars: readonly Bar[], now: number): readonly Bar[] {
  return run.events.flatMap(({ at, event }): Bar[] => {
    const { batch, kind } = event
    if (event.event !== 'batch_started' || typeof batch !== 'number') return []
    const first = bars
      .filter((bar) => bar.batch === batch)
      .reduce((min, bar) => Math.min(min, bar.from), run.finishedAt ?? now)
    if (first - at < SHORT_START) return []
    const base = { isCheck: false, isCritical: true, step: null, batch }
    return [{ ...base, name: `${String(kind)} starts`, from: at, to: first, outcome: 'starting' }]
  })
}

/** What the run waited for before it knew all steps: `dbt: reading the project`. */
function definingOf(run: PageRunDetail, now: number): readonly Bar[] {
  const waits = run.events.filter(
    ({ event }) => event.event === 'batch_progress' && event.batch === 0,
  )
  return waits.flatMap(({ at, event }, k): Bar[] => {
    const to = waits[k + 1]?.at ?? run.finishedAt ?? now
    if (typeof event.message !== 'string' || to - at < SHORT_START) return []
    const base = { isCheck: false, isCritical: false, step: null, batch: 0 }
    return [{ ...base, name: event.message, from: at, to, outcome: 'starting' }]
  })
}

/** Each batch in as few lanes as its bars need side by side, in the order of their starts. */
function lanesOf(bars: readonly Bar[]): readonly Lane[] {
  const batches = new Map<number, Bar[]>()
  for (const bar of [...bars].sort((a, b) => a.from - b.from || a.to - b.to)) {
    batches.set(bar.batch, [...(batches.get(bar.batch) ?? []), bar])
  }
  const lanes: { title: string; bars: Bar[] }[] = []
  for (const [batch, own] of batches) {
    const ofBatch: { title: string; bars: Bar[] }[] = []
    for (const bar of own) {
      const free = ofBatch.find((lane) => lane.bars.at(-1)!.to <= bar.from)
      if (free !== undefined) free.bars.push(bar)
      else ofBatch.push({ title: `call ${batch}`, bars: [bar] })
    }
    lanes.push(...ofBatch)
  }
  return joined(lanes)
}

/** Lanes of different calls share a row if they do not overlap: most calls have one short step. */
function joined(lanes: readonly { title: string; bars: Bar[] }[]): readonly Lane[] {
  const rows: { title: string; bars: Bar[] }[] = []
  for (const lane of lanes) {
    const row = rows.find((one) => one.bars.at(-1)!.to <= lane.bars[0]!.from)
    if (row === undefined) rows.push({ title: lane.title, bars: [...lane.bars] })
    else row.bars.push(...lane.bars)
  }
  return rows
}

/**
 * The chain of steps that the end of the run waited for: from the step that ended last, back to what it reads that ended
 * last before it began, or else to the step that ended last before it.
 */
function criticalPath(
  bars: readonly Bar[],
  inputsOf: (name: string) => readonly string[],
): ReadonlySet<string> {
  const byName = new Map(bars.map((bar) => [bar.name, bar]))
  const path = new Set<string>()
  const latest = (some: readonly Bar[]) =>
    some.reduce<Bar | undefined>((a, b) => (a === undefined || b.to > a.to ? b : a), undefined)
  let at = latest(bars)
  while (at !== undefined && !path.has(at.name)) {
    path.add(at.name)
    const { from, batch } = at
    const inputs = inputsOf(at.name).flatMap((name) => byName.get(name) ?? [])
    at =
      latest(inputs.filter((bar) => bar.to <= from + 50)) ??
      latest(bars.filter((bar) => bar.batch === batch && bar.to <= from && !path.has(bar.name)))
  }
  return path
}
