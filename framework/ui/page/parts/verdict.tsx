import type { MarkName } from '../../data/overview.ts'

const WORDS: Readonly<Record<MarkName, string>> = {
  fresh: 'fresh',
  stale: 'stale',
  pending: 'pending',
  building: 'building',
  failed: 'failed',
}

/** What a verdict means, for who sees it for the first time. */
export const MEANING: Readonly<Record<MarkName, string>> = {
  fresh: 'proved up to date: nothing to build',
  stale: 'will be built: something it is made of changed',
  pending: 'may be built: known once what it waits for is built',
  building: 'a run is building it now',
  failed: 'its last build failed or was interrupted: it will be built again',
}

/** The shape of a verdict around a point: told by its form as well as by its colour. */
export function Shape({ mark, x = 0, y = 0, r = 5 }: ShapeProps) {
  switch (mark) {
    case 'fresh':
      return <circle class="shape fresh" cx={x} cy={y} r={r} />
    case 'stale':
      return <path class="shape stale" d={`M${x} ${y - r - 1}l${r + 1} ${2 * r}h${-2 * r - 2}z`} />
    case 'pending':
      return <circle class="shape pending" cx={x} cy={y} r={r - 0.5} />
    case 'failed':
      return <rect class="shape failed" x={x - r} y={y - r} width={2 * r} height={2 * r} />
    case 'building':
      return (
        <g class="shape building">
          <circle cx={x} cy={y} r={r - 0.5} />
          <path d={`M${x - 1.5} ${y - 2.5}l4 2.5l-4 2.5z`} />
        </g>
      )
  }
}

interface ShapeProps {
  readonly mark: MarkName
  readonly x?: number
  readonly y?: number
  readonly r?: number
}

/** A verdict in text: its shape and its word. */
export function Verdict({ mark }: { readonly mark: MarkName }) {
  return (
    <span class="verdict" title={MEANING[mark]}>
      <Mark mark={mark} /> {WORDS[mark]}
    </span>
  )
}

/** The shape alone, beside text that says the word. */
export function Mark({ mark }: { readonly mark: MarkName }) {
  return (
    <svg class="mark" viewBox="-8 -8 16 16" width="14" height="14" aria-hidden="true">
      <Shape mark={mark} />
    </svg>
  )
}
