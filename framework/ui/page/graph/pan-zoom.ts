import { type Signal, signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

/** Which part of the drawing is seen: `x` and `y` in pixels of the drawing at the top left, `scale` in screen pixels. */
export interface Camera {
  readonly x: number
  readonly y: number
  readonly scale: number
}

const SMALLEST = 0.08
const LARGEST = 2.5
/** Pixels around the drawing when all of it is seen. */
const MARGIN = 24

function clampScale(scale: number): number {
  return Math.min(LARGEST, Math.max(SMALLEST, scale))
}

/** The camera that sees a whole drawing, not larger than its own size. */
export function whole(
  drawing: { readonly width: number; readonly height: number },
  screen: { readonly width: number; readonly height: number },
): Camera {
  const width = drawing.width + 2 * MARGIN
  const height = drawing.height + 2 * MARGIN
  const scale = clampScale(Math.min(1, screen.width / width, screen.height / height))
  return {
    x: (drawing.width - screen.width / scale) / 2,
    y: (drawing.height - screen.height / scale) / 2,
    scale,
  }
}

/** Below this scale nobody can read a name. */
const READABLE = 0.55

/** The camera that sees a whole drawing, or its left end if it would be too small to read. */
export function begin(
  drawing: { readonly width: number; readonly height: number },
  screen: { readonly width: number; readonly height: number },
): Camera {
  const all = whole(drawing, screen)
  if (all.scale >= READABLE) return all
  const y = Math.max(-MARGIN, (drawing.height - screen.height / READABLE) / 2)
  return { x: -MARGIN, y, scale: READABLE }
}

/** The camera after a zoom that keeps one point of the screen where it is. */
export function zoomAt(
  { x, y, scale }: Camera,
  factor: number,
  at: { x: number; y: number },
): Camera {
  const next = clampScale(scale * factor)
  return { x: x + at.x / scale - at.x / next, y: y + at.y / scale - at.y / next, scale: next }
}

export const camera: Signal<Camera> = signal({ x: 0, y: 0, scale: 1 })

/** Moves the camera with the mouse, the wheel and fingers. Returns the ref of the element that they act on. */
export function usePanZoom<T extends Element>() {
  const ref = useRef<T>(null)
  useEffect(() => {
    const element = ref.current
    if (element === null) return
    const fingers = new Map<number, { x: number; y: number }>()
    const placeOf = (event: { clientX: number; clientY: number }) => {
      const { left, top } = element.getBoundingClientRect()
      return { x: event.clientX - left, y: event.clientY - top }
    }
    const wheel = (event: WheelEvent) => {
      event.preventDefault()
      const pixels = event.deltaMode === 0 ? 1 : 30
      // A touchpad sends `ctrlKey` for a pinch, and small steps for two fingers.
      if (event.ctrlKey || Math.abs(event.deltaY) >= 50 || event.deltaMode !== 0) {
        const factor = Math.exp((-event.deltaY * pixels) / (event.ctrlKey ? 100 : 500))
        camera.value = zoomAt(camera.value, factor, placeOf(event))
        return
      }
      const { x, y, scale } = camera.value
      camera.value = { x: x + event.deltaX / scale, y: y + event.deltaY / scale, scale }
    }
    const down = (event: PointerEvent) => {
      if (event.button === 0) fingers.set(event.pointerId, placeOf(event))
    }
    const move = (event: PointerEvent) => {
      const before = fingers.get(event.pointerId)
      if (before === undefined) return
      const at = placeOf(event)
      if (fingers.size === 1) {
        const { x, y, scale } = camera.value
        if (Math.hypot(at.x - before.x, at.y - before.y) > 3)
          element.setPointerCapture(event.pointerId)
        if (!element.hasPointerCapture(event.pointerId)) return
        camera.value = {
          x: x - (at.x - before.x) / scale,
          y: y - (at.y - before.y) / scale,
          scale,
        }
      } else {
        const other = [...fingers].find(([id]) => id !== event.pointerId)![1]
        const gap = (one: { x: number; y: number }) => Math.hypot(one.x - other.x, one.y - other.y)
        const middle = { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 }
        camera.value = zoomAt(camera.value, gap(at) / Math.max(1, gap(before)), middle)
      }
      fingers.set(event.pointerId, at)
    }
    const up = (event: PointerEvent) => fingers.delete(event.pointerId)
    const listeners = {
      wheel,
      pointerdown: down,
      pointermove: move,
      pointerup: up,
      pointercancel: up,
    }
    for (const [name, listener] of Object.entries(listeners)) {
      element.addEventListener(name, listener as EventListener, { passive: false })
    }
    return () => {
      for (const [name, listener] of Object.entries(listeners)) {
        element.removeEventListener(name, listener as EventListener)
      }
    }
  }, [])
  return ref
}
