import { Random } from '../property/random.ts'
import type { Area } from './area.ts'

/** The input with a number: the same for the same seed, whichever inputs came before it. */
export function inputOf(
  areas: readonly Area[],
  seed: number,
  index: number,
): { readonly area: Area; readonly input: string } {
  const area = areas[index % areas.length]!
  const random = new Random(Math.imul(seed, 1_000_003) + index)
  return { area, input: area.input(random) }
}
