import { computed, signal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { Overview } from '../../data/overview.ts'
import { go, replace } from '../route.ts'
import { assetsByName, overview } from '../store.ts'
import { type Actions, current, showsWhy } from './at.ts'
import { Canvas } from './canvas.tsx'
import { chainOf } from './chain.ts'
import { type Drawing, draw } from './drawing.ts'
import { Legend } from './legend.tsx'
import { neighbourOf } from './moves.ts'
import { NotFresh } from './not-fresh.tsx'
import { begin, camera, whole, zoomAt } from './pan-zoom.ts'
import { sceneOf } from './scene.ts'
import { type Picked, Selector } from './selection.ts'
import { SelectionBox } from './selection-box.tsx'
import { Side } from './side.tsx'
import { Tree } from './tree.tsx'

/** Groups that are drawn as their assets although the graph is large. */
const unfolded = signal<ReadonlySet<string>>(new Set())

const selector = computed(() => (overview.value === null ? null : new Selector(overview.value)))

export function GraphView({
  select,
  focus,
}: {
  readonly select: string
  readonly focus: string | null
}) {
  const { assets } = overview.value as Overview
  const picked: Picked | null = select.trim() === '' ? null : selector.value!.pick(select)
  const indices = picked?.is === 'assets' ? picked.indices : null
  const focused = focus === null ? null : (assetsByName.value.get(focus)?.i ?? null)
  const shape = shapeOf(assets)
  const drawing = useMemo(
    () => draw(sceneOf(assets, { picked: indices, focus: focused, unfolded: unfolded.value })),
    // The places depend on the edges alone, not on verdicts.
    [shape, select, focused, unfolded.value],
  )
  const stage = useRef<HTMLDivElement>(null)
  const fitted = `${shape} ${select} ${focus} ${[...unfolded.value]}`
  useEffect(() => {
    const { clientWidth: width, clientHeight: height } = stage.current!
    camera.value = begin(drawing, { width, height })
  }, [fitted])
  useEffect(() => {
    if (focus !== null) current.value = focus
  }, [focus])
  const chain = showsWhy.value ? chainOf(current.value, assets) : null

  const actions: Actions = {
    unfold: (group) => {
      const next = new Set(unfolded.value)
      if (!next.delete(group)) next.add(group)
      unfolded.value = next
    },
    zoom: (factor) => {
      const { clientWidth, clientHeight } = stage.current!
      camera.value = zoomAt(camera.value, factor, { x: clientWidth / 2, y: clientHeight / 2 })
    },
    fit: () => {
      const { clientWidth: width, clientHeight: height } = stage.current!
      camera.value = whole(drawing, { width, height })
    },
    show: (name) => {
      current.value = name
      reveal(drawing, name, stage.current!)
    },
  }
  // Keys count wherever the focus is on the page, so that a click beside the boxes does not end them.
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event, drawing, actions)
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  })
  return (
    <div class="graph-page">
      <div class="toolbar">
        <SelectionBox
          text={select}
          picked={picked}
          onText={(text) => replace({ view: 'graph', select: text, focus: null })}
        />
        <div class="buttons">
          {focus !== null && (
            <button type="button" onClick={() => go({ view: 'graph', select: '', focus: null })}>
              Whole graph
            </button>
          )}
          {unfolded.value.size > 0 && (
            <button
              type="button"
              onClick={() => {
                unfolded.value = new Set()
              }}
            >
              Fold groups
            </button>
          )}
          <button type="button" onClick={actions.fit} title="Fit (0)">
            Fit
          </button>
          <button
            type="button"
            onClick={() => actions.zoom(1.3)}
            title="Zoom in (+)"
            aria-label="Zoom in"
          >
            +
          </button>
          <button
            type="button"
            onClick={() => actions.zoom(1 / 1.3)}
            title="Zoom out (-)"
            aria-label="Zoom out"
          >
            −
          </button>
        </div>
      </div>
      <div class="assets">
        <NotFresh onShow={actions.show} />
        <Tree assets={assets} picked={indices} onShow={actions.show} />
      </div>
      <div class="stage" ref={stage}>
        {drawing.scene.note !== null && <p class="scene-note">{drawing.scene.note}</p>}
        <Canvas drawing={drawing} chain={chain} actions={actions} />
        <Legend />
      </div>
      <Side chain={chain} />
    </div>
  )
}

let lastShape: { readonly assets: Overview['assets']; readonly text: string } | null = null

/** A text that is another one only if other boxes or lines are drawn. */
function shapeOf(assets: Overview['assets']): string {
  if (lastShape?.assets !== assets) {
    const text = assets.map(({ name, group, inputs }) => `${name}:${group}:${inputs}`).join(';')
    lastShape = { assets, text }
  }
  return lastShape.text
}

/** Keys of the graph, wherever the focus is in it but in the selection box. */
function onKey(event: KeyboardEvent, drawing: Drawing, actions: Actions): void {
  if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey)
    return
  const at = current.value
  switch (event.key) {
    case 'ArrowLeft':
    case 'ArrowRight':
    case 'ArrowUp':
    case 'ArrowDown': {
      const next = neighbourOf(drawing, at, event.key)
      if (next !== null) actions.show(next)
      break
    }
    case 'Enter':
      if (
        at === null ||
        event.target instanceof HTMLButtonElement ||
        event.target instanceof HTMLAnchorElement
      )
        return
      go({ view: 'asset', name: at })
      break
    case 'w':
      showsWhy.value = !showsWhy.value
      break
    case 'f':
      if (at !== null) go({ view: 'graph', select: '', focus: at })
      break
    case 'Escape':
      current.value = null
      break
    case '+':
      actions.zoom(1.3)
      break
    case '-':
      actions.zoom(1 / 1.3)
      break
    case '0':
      actions.fit()
      break
    default:
      return
  }
  event.preventDefault()
}

/** Moves the camera only as far as the box needs to be seen. */
function reveal(drawing: Drawing, name: string, stage: HTMLElement): void {
  const i = drawing.scene.boxes.findIndex(({ key }) => key === name)
  if (i < 0) return
  const { x, y, scale } = camera.value
  const [width, height] = [stage.clientWidth / scale, stage.clientHeight / scale]
  const margin = 20 / scale
  const clamp = (from: number, at: number, size: number, room: number) =>
    at - margin < from
      ? at - margin
      : at + size + margin > from + room
        ? at + size + margin - room
        : from
  camera.value = {
    x: clamp(x, drawing.x[i]!, drawing.widths[i]!, width),
    y: clamp(y, drawing.y[i]!, 44, height),
    scale,
  }
}
