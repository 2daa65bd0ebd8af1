import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { Chart } from '../../data/answers.ts'
import { inWords } from './caption.ts'
import { type Panel, panelsOf } from './line-data.ts'
import { DASHES, plotOptions } from './plot-options.ts'
import { axisLabel, nameOf, written } from './values.ts'

interface LinesProps {
  readonly chart: Chart
  readonly title: string
}

/** Lines over time; a panel for each unit. */
export function Lines({ chart, title }: LinesProps) {
  return (
    <>
      {panelsOf(chart).map((panel) => (
        <LinePanel key={panel.column.name} chart={chart} panel={panel} title={title} />
      ))}
    </>
  )
}

interface LinePanelProps extends LinesProps {
  readonly panel: Panel
}

const HEIGHT = 220

function LinePanel({ chart, panel, title }: LinePanelProps) {
  const box = useRef<HTMLDivElement>(null)
  const readout = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    const place = box.current!
    const dark = matchMedia('(prefers-color-scheme: dark)')
    let plot: uPlot | null = null
    const tell = (k: number | null) => {
      readout.current!.textContent = readoutOf(chart, panel, k)
    }
    const draw = () => {
      plot?.destroy()
      const width = place.clientWidth
      plot = new uPlot(
        plotOptions(chart, panel, { width, height: HEIGHT, colour: colourOf(place), tell }),
        dataOf(panel) as uPlot.AlignedData,
        place,
      )
      tell(null)
    }
    const resized = new ResizeObserver(() => {
      if (plot === null) draw()
      else if (plot.width !== place.clientWidth)
        plot.setSize({ width: place.clientWidth, height: HEIGHT })
    })
    resized.observe(place)
    dark.addEventListener('change', draw)
    return () => {
      resized.disconnect()
      dark.removeEventListener('change', draw)
      plot?.destroy()
    }
  }, [chart, panel.column.name])
  return (
    <div class="lines">
      <p class="axis-label">{axisLabel(panel.column)}</p>
      {panel.lines.length > 1 && (
        <ul class="legend">
          {panel.lines.map(({ name }, k) => (
            <li key={name}>
              <svg width="28" height="10" aria-hidden="true">
                <line
                  class={`tone-${k}`}
                  x1="0"
                  x2="28"
                  y1="5"
                  y2="5"
                  stroke-dasharray={DASHES[k]!.join(' ')}
                />
              </svg>{' '}
              {name}
            </li>
          ))}
        </ul>
      )}
      <div ref={box} class="plot-box" role="img" aria-label={`${title} ${inWords(chart, panel)}`} />
      <p ref={readout} class="readout" aria-hidden="true" />
    </div>
  )
}

/** Each line twice: its whole periods, and its partial ones with what leads to them. */
function dataOf({ xs, lines }: Panel): readonly (readonly (number | null)[])[] {
  const whole = lines.map(({ values, partial }) =>
    values.map((value, k) => (partial[k] ? null : value)),
  )
  const dashed = lines.map(({ values, partial }) =>
    values.map((value, k) => (partial[k] || partial[k - 1] || partial[k + 1] ? value : null)),
  )
  return [xs, ...whole, ...dashed]
}

/** The values at a place in words; null: at the last one. */
function readoutOf(chart: Chart, { column, cells, lines }: Panel, k: number | null): string {
  const at = k ?? cells.findLastIndex((cell) => cell !== null)
  const cell = cells[at] ?? null
  if (cell === null) return 'no rows'
  const values = lines.map(({ name, values: all, partial }) => {
    const mark = partial[at] ? ' (partial)' : ''
    return `${lines.length > 1 ? `${name} ` : ''}${written(all[at] ?? null, column)}${mark}`
  })
  const when = nameOf(cell, chart.columns[chart.x!]!)
  return `${k === null ? 'Last: ' : ''}${when}, ${values.join(', ')}`
}

/** Reads colours of the style sheet: a canvas takes no variables. */
function colourOf(place: HTMLElement): (variable: string) => string {
  return (variable) => {
    const probe = document.createElement('span')
    probe.style.color = `var(--${variable})`
    place.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }
}
