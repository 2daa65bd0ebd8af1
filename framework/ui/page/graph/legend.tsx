import type { Look } from '../../data/overview.ts'
import { Mark, MEANING } from '../parts/verdict.tsx'

const LOOKS: readonly Look[] = ['fresh', 'stale', 'pending', 'building', 'failed']

/** What the shapes mean, and which keys there are. */
export function Legend() {
  return (
    <details class="legend">
      <summary>
        {LOOKS.map((look) => (
          <span>
            <Mark look={look} /> {look}
          </span>
        ))}
      </summary>
      <dl>
        {LOOKS.map((look) => (
          <>
            <dt>
              <Mark look={look} /> {look}
            </dt>
            <dd>{MEANING[look]}</dd>
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
