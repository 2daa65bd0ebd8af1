import type { MarkName } from '../../data/overview.ts'
import { Mark, MEANING } from '../parts/verdict.tsx'

const MARKS: readonly MarkName[] = ['fresh', 'stale', 'pending', 'building', 'failed']

/** What the shapes mean, and which keys there are. */
export function Legend() {
  return (
    <details class="legend">
      <summary>
        {MARKS.map((mark) => (
          <span>
            <Mark mark={mark} /> {mark}
          </span>
        ))}
      </summary>
      <dl>
        {MARKS.map((mark) => (
          <>
            <dt>
              <Mark mark={mark} /> {mark}
            </dt>
            <dd>{MEANING[mark]}</dd>
          </>
        ))}
        {KEYS.map(([keys, does]) => (
          <>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </>
        ))}
      </dl>
    </details>
  )
}

const KEYS = [
  ['← →', 'to what it reads, to what reads it'],
  ['↑ ↓', 'to its neighbours'],
  ['Enter', 'open the asset'],
  ['w', 'show why it is not fresh, or stop showing it'],
  ['f', 'show only what is near it'],
  ['/', 'select'],
  ['+ - 0', 'zoom in, zoom out, fit'],
  ['Esc', 'leave the asset'],
] as const
