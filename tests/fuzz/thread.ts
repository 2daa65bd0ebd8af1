// Tries the inputs from one number up to another. `main.ts` watches which input it is at.
import { parentPort, workerData } from 'node:worker_threads'
import { AREAS } from './areas.ts'
import { inputOf } from './input.ts'
import { faultOf, shorten } from './try.ts'

export interface ThreadData {
  readonly seed: number
  readonly from: number
  readonly to: number
  readonly only: string | null
  /** The number of the input that is being tried. */
  readonly at: Int32Array
}

/** An input with a fault. */
export interface Finding {
  readonly index: number
  readonly area: string
  readonly fault: string
  readonly input: string
}

const { seed, from, to, only, at } = workerData as ThreadData
const areas = AREAS.filter(({ name }) => only === null || name === only)

for (let index = from; index < to; index++) {
  Atomics.store(at, 0, index)
  const { area, input } = inputOf(areas, seed, index)
  const fault = await faultOf(area, input)
  if (fault === null) continue
  const finding: Finding = { index, area: area.name, fault, input: await shorten(area, input) }
  parentPort!.postMessage(finding)
}
Atomics.store(at, 0, to)
