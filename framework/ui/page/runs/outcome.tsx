import type { MarkName } from '../../data/overview.ts'
import type { PageRun, PageStep } from '../../data/runs.ts'
import { Mark } from '../parts/verdict.tsx'

type Ended = PageRun['outcome'] | PageStep['outcome']

/** The shape of an outcome: those of the verdicts, which people know by then. */
const SHAPES: Readonly<Record<Ended, MarkName>> = {
  succeeded: 'fresh',
  built: 'fresh',
  checked: 'fresh',
  adopted: 'fresh',
  unchanged: 'fresh',
  released: 'pending',
  running: 'building',
  failed: 'failed',
  blocked: 'stale',
  cancelled: 'stale',
  interrupted: 'stale',
}

/** How a run or a step ended, as a shape and a word. */
export function Outcome({ outcome }: { readonly outcome: Ended }) {
  return (
    <span class="verdict">
      <Mark mark={SHAPES[outcome]} /> {outcome}
    </span>
  )
}
