import type { Fault } from './checker.ts'
import { lineOf, type Operation } from './operation.ts'
import { play, type Sequence } from './play.ts'

/** A sequence of operations, of which the last one shows the fault. */
export interface Reproduction {
  readonly sequence: Sequence
  readonly fault: Fault
}

/** Looks for a shorter sequence with the same fault, until `isOver`. */
export async function shortened(whole: Reproduction, isOver: () => boolean): Promise<Reproduction> {
  let best = whole
  const shows = async (sequence: Sequence): Promise<boolean> => {
    if (isOver()) return false
    const { fault, count } = await play(sequence)
    if (fault?.what !== whole.fault.what) return false
    best = { sequence: { ...sequence, operations: sequence.operations.slice(0, count) }, fault }
    return true
  }
  await shows(ownScene(whole))
  const length = () => best.sequence.operations.length
  for (let size = Math.ceil(length() / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < length() - 1 && !isOver(); ) {
      const { operations } = best.sequence
      const fewer = [
        ...operations.slice(0, at),
        ...operations.slice(Math.min(at + size, operations.length - 1)),
      ]
      if (!(await shows({ ...best.sequence, operations: fewer }))) at += size
    }
  }
  for (const at of best.sequence.operations.keys()) {
    const simpler = plain(best.sequence.operations[at])
    if (simpler === null) continue
    const operations = best.sequence.operations.with(at, simpler)
    await shows({ ...best.sequence, operations })
  }
  return best
}

/** The sequence with no other scene than that of the stream at fault. */
function ownScene({ sequence, fault }: Reproduction): Sequence {
  const asset = fault.what.split(': ').at(-1)
  const scene = sequence.scenes.find(({ streams }) =>
    streams.some(({ stream }) => stream.asset === asset),
  )
  if (scene === undefined) return sequence
  const operations = sequence.operations.filter(
    (each) => each.is !== 'sql' || each.scene === null || each.scene === scene.name,
  )
  return { ...sequence, scenes: [scene], operations }
}

/** The same operation without what is often of no account. */
function plain(operation: Operation | undefined): Operation | null {
  switch (operation?.is) {
    case 'check':
      return { is: 'check', during: null, skips: false, adopts: false, rebuilds: false }
    case 'sql':
      return operation.session === 0 ? null : { ...operation, session: 0 }
    default:
      return null
  }
}

/** A reproduction as text: what is wrong, and the statements that show it. */
export function described({ sequence, fault }: Reproduction): string {
  const { place, scenes, operations } = sequence
  const streams = scenes
    .flatMap((scene) => scene.streams)
    .filter(({ stream }) => fault.what.endsWith(`: ${stream.asset}`))
    .map(({ stream: { asset, stream, sync, cursor, primaryKey }, reader }) =>
      sync === 'full_refresh'
        ? `-- ${asset}: ${stream}, read as ${reader}`
        : `-- ${asset}: ${stream}, ${sync}, cursor ${cursor}, key ${primaryKey.join(', ')}`,
    )
  return [
    `${fault.what} (${place.name}, PostgreSQL ${place.version})`,
    fault.text,
    '',
    ...streams,
    ...scenes.flatMap(({ setup }) => setup.map((sql) => `${sql};`)),
    ...operations.map(lineOf),
  ].join('\n')
}
