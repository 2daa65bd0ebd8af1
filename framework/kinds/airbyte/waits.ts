import type { OnWait } from '../../ports/batch.ts'

/** Several connections of one call, each with something that it waits for: they are told as one. */
export function joinWaits(onWait: OnWait): () => OnWait {
  const waits: (string | null)[] = []
  return () => {
    const at = waits.push(null) - 1
    return (message) => {
      waits[at] = message
      const open = waits.filter((one) => one !== null)
      onWait(open.length === 0 ? null : open.join('; '))
    }
  }
}
