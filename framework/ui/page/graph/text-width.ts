/** The fonts of the two lines in a box: those of `.box .name` and `.box .second` in graph.css. */
const SIZES = { name: '600 13px', second: '400 11.5px' } as const

export type Line = keyof typeof SIZES

let context: CanvasRenderingContext2D | null = null
let family: string | null = null

/** The width of a text in the fonts of this browser, in pixels at scale 1. */
export function textWidth(text: string, line: Line): number {
  context ??= document.createElement('canvas').getContext('2d')!
  family ??= getComputedStyle(document.body).fontFamily
  context.font = `${SIZES[line]} ${family}`
  return context.measureText(text).width
}

/** As much of a text as fits, with `…` if that is not all. */
export function shortened(text: string, width: number, line: Line): string {
  if (textWidth(text, line) <= width) return text
  let [fits, tooMuch] = [0, text.length]
  while (tooMuch - fits > 1) {
    const half = (fits + tooMuch) >> 1
    if (textWidth(`${text.slice(0, half)}…`, line) <= width) fits = half
    else tooMuch = half
  }
  return `${text.slice(0, fits)}…`
}
