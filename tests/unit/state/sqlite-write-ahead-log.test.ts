import { expect, test } from 'vitest'
import { shareRuns } from '../../../framework/state/sqlite/write-ahead-log.ts'

/** Work that a test ends. */
function gate() {
  const started: { resolve: () => void; reject: (error: Error) => void }[] = []
  const work = () =>
    new Promise<void>((resolve, reject) => {
      started.push({ resolve, reject })
    })
  return { started, work }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('calls during a flush wait for the next flush and share it', async () => {
  const { started, work } = gate()
  const flush = shareRuns(work)
  const done: string[] = []
  const ask = (name: string) => flush().then(() => done.push(name))

  const first = ask('first')
  await settled()
  const later = [ask('second'), ask('third')]
  started[0]!.resolve()
  await first
  await settled()
  expect(done).toEqual(['first'])
  expect(started).toHaveLength(2)
  started[1]!.resolve()
  await Promise.all(later)
  expect(started).toHaveLength(2)
})

test('a failed flush fails its callers and no later ones', async () => {
  const { started, work } = gate()
  const flush = shareRuns(work)
  const [one, other] = [flush(), flush()]
  await settled()
  const after = flush()
  started[0]!.reject(new Error('the disk'))
  await expect(one).rejects.toThrow('the disk')
  await expect(other).rejects.toThrow('the disk')
  await settled()
  started[1]!.resolve()
  await after
})
