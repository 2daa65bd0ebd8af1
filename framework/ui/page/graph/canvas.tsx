import type { MarkName } from '../../data/overview.ts'
import { counted, grouped } from '../format.ts'
import { Shape } from '../parts/verdict.tsx'
import { go } from '../route.ts'
import { markNow, overview } from '../store.ts'
import { assetLine } from './asset-line.ts'
import { type Actions, current } from './at.ts'
import type { Chain } from './chain.ts'
import { BESIDE_TEXT, BOX_HEIGHT, type Drawing } from './drawing.ts'
import { camera, usePanZoom } from './pan-zoom.ts'
import type { Box } from './scene.ts'
import { shortened, textWidth } from './text-width.ts'

/** Drawings with more boxes than this leave out what the camera does not see. */
const ALL_DRAWN = 400

interface CanvasProps {
  readonly drawing: Drawing
  readonly chain: Chain | null
  readonly actions: Actions
}

/** The drawing of the graph. It can be moved, zoomed, clicked, and walked with the arrow keys. */
export function Canvas({ drawing, chain, actions }: CanvasProps) {
  const ref = usePanZoom<SVGSVGElement>()
  const { scene } = drawing
  const { x, y, scale } = camera.value
  const seen = seenBoxes(drawing, ref.current)
  const isDimmed = chain !== null && chain.nodes.size > 1
  return (
    <svg
      ref={ref}
      class={isDimmed ? 'canvas dimmed' : 'canvas'}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the drawing is one control, which the arrow keys walk
      tabIndex={0}
      role="application"
      aria-label="Graph. Arrow keys follow the edges, Enter opens an asset, W shows why."
    >
      <g transform={`scale(${scale}) translate(${-x} ${-y})`}>
        <g class="lines">
          {scene.lines.map(([from, to], k) => {
            if (!seen(from) && !seen(to)) return null
            const [a, b] = [scene.boxes[from]!.key, scene.boxes[to]!.key]
            const isCause = chain?.steps.has(`${a} ${b}`) === true
            return (
              <path
                key={`${a} ${b}`}
                class={isCause ? 'line cause' : 'line'}
                d={drawing.paths[k]}
              />
            )
          })}
        </g>
        {scene.boxes.map((box, i) =>
          seen(i) || box.key === current.value ? (
            <BoxView
              key={box.key}
              box={box}
              i={i}
              drawing={drawing}
              chain={chain}
              actions={actions}
            />
          ) : null,
        )}
      </g>
    </svg>
  )
}

interface BoxProps extends CanvasProps {
  readonly box: Box
  readonly i: number
}

function BoxView({ box, i, drawing, chain, actions }: BoxProps) {
  const { assets } = overview.value!
  const members = box.members.map((member) => assets[member]!)
  const isCurrent = box.key === current.value
  const marks = members.map(markNow)
  const mark = worstOf(marks)
  const width = drawing.widths[i]!
  const classes = [
    'box',
    mark,
    ...(box.group === null ? [] : ['group']),
    ...(isCurrent ? ['current'] : []),
  ]
  if (chain?.nodes.has(box.key)) classes.push('in-chain')
  const room = width - BESIDE_TEXT
  const fits = (text: string) => textWidth(text, 'second') <= room
  const second = box.group === null ? assetLine(members[0]!, fits) : groupLine(marks)
  const act = () => (box.group === null ? actions.show(box.key) : actions.unfold(box.group))
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keyboard reaches the boxes through the drawing
    <g
      class={classes.join(' ')}
      transform={`translate(${drawing.x[i]} ${drawing.y[i]})`}
      onClick={act}
      onDblClick={() => box.group === null && go({ view: 'asset', name: box.key })}
    >
      <title>{box.title}</title>
      <rect class="frame" width={width} height={BOX_HEIGHT} rx="7" />
      <Shape mark={mark} x={16} y={16} />
      <text class="name" x="28" y="20">
        {shortened(box.title, room, 'name')}
      </text>
      <text class="second" x="28" y="35">
        {shortened(second, room, 'second')}
      </text>
      {box.cut > 0 && (
        <text class="cut" x={width - 8} y="12">
          +{grouped(box.cut)}
        </text>
      )}
    </g>
  )
}

const ORDER: readonly MarkName[] = ['failed', 'building', 'stale', 'pending', 'fresh']

function worstOf(marks: readonly MarkName[]): MarkName {
  return ORDER.find((mark) => marks.includes(mark)) ?? 'fresh'
}

function groupLine(marks: readonly MarkName[]): string {
  const open = ORDER.slice(0, -1).flatMap((mark) => {
    const count = marks.filter((one) => one === mark).length
    return count === 0 ? [] : [`${grouped(count)} ${mark}`]
  })
  return [counted(marks.length, 'asset'), ...open].join(' · ')
}

/** Whether a box is in sight, or the drawing is so small that all of it is drawn. */
function seenBoxes(
  { scene, x, y, widths }: Drawing,
  element: Element | null,
): (i: number) => boolean {
  if (scene.boxes.length <= ALL_DRAWN || element === null) return () => true
  const { x: left, y: top, scale } = camera.value
  const right = left + element.clientWidth / scale
  const bottom = top + element.clientHeight / scale
  return (i) =>
    x[i]! < right && x[i]! + widths[i]! > left && y[i]! < bottom && y[i]! + BOX_HEIGHT > top
}
