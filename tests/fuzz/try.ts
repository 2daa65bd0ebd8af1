import { ProblemError } from '../../framework/model/problem.ts'
import type { Area } from './area.ts'

/** What went wrong with an input; null if nothing did. */
export async function faultOf(area: Area, input: string): Promise<string | null> {
  try {
    await area.read(input)
    return null
  } catch (error) {
    if (error instanceof ProblemError) return null
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}

/** How many shorter inputs are tried. */
const TRIES = 400

/** A shorter input with the same fault: parts are left out as long as it remains. */
export async function shorten(area: Area, input: string): Promise<string> {
  const kind = firstLine(await faultOf(area, input))
  let shortest = input
  let tries = TRIES
  for (let length = Math.ceil(input.length / 2); length > 0; length = Math.floor(length / 2)) {
    for (let at = 0; at < shortest.length && tries > 0; ) {
      const shorter = shortest.slice(0, at) + shortest.slice(at + length)
      tries -= 1
      if (firstLine(await faultOf(area, shorter)) !== kind) at += length
      else shortest = shorter
    }
  }
  return shortest
}

const firstLine = (fault: string | null): string | null => fault?.split('\n', 1)[0] ?? null
