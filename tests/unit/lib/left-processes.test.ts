import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { endLeft, findLeft, markOfThisProcess } from '../../../framework/lib/left-processes.ts'
import { signalGroup } from '../../../framework/lib/process-groups.ts'
import { startOf, thisProcess } from '../../../framework/lib/process-identity.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const { pid } of children.splice(0)) signalGroup(pid, 'SIGKILL')
})

/** A program of this process for an asset, or for none. It leads a group. */
async function program(asset: string | null, script: string): Promise<number> {
  const env = {
    ...process.env,
    ...markOfThisProcess(),
    ...(asset === null ? {} : { ASSETS_ASSET: asset }),
  }
  const child = spawn('sh', ['-c', `${script}; echo on; sleep 600`], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.push(child)
  await once(child.stdout, 'data')
  return child.pid!
}

const all = { by: thisProcess(), groups: new Map(), concerns: () => true }
const pids = (found: readonly { readonly pid: number }[]) => found.map(({ pid }) => pid)

describe.skipIf(process.platform !== 'linux')(
  'by the mark in their environment (needs Linux)',
  () => {
    test('programs are found, and those of other assets are left alone', async () => {
      const [a, b, none] = [
        await program('a', ':'),
        await program('b', ':'),
        await program(null, ':'),
      ]
      expect(pids(findLeft(all))).toEqual(expect.arrayContaining([a, b, none]))
      const ofA = findLeft({ ...all, concerns: (asset) => asset === 'a' })
      expect(pids(ofA)).toContain(a)
      expect(pids(ofA)).not.toContain(b)
      expect(pids(ofA)).not.toContain(none)
      expect(findLeft({ ...all, by: { ...thisProcess(), started: 'earlier' } })).toEqual([])
    })
  },
)

describe('by the leader of their group', () => {
  const leaving = (pid: number, started: string | null) => ({
    by: { pid: 2 ** 22 + 1, started: '1' },
    groups: new Map([['a', { pid, started: started ?? 'unknown' }]]),
    concerns: () => true,
  })

  test('programs are found unless the process id was given to another one', async () => {
    const pid = await program('a', ':')
    expect(findLeft(leaving(pid, startOf(pid)))).toEqual([{ pid, asset: 'a', isLeader: true }])
    expect(findLeft(leaving(pid, 'earlier'))).toEqual([])
  })

  test('neither this process nor process 1 is ever ended', () => {
    expect(findLeft(leaving(process.pid, startOf(process.pid)))).toEqual([])
    expect(findLeft(leaving(1, startOf(1)))).toEqual([])
  })

  test('a program that ignores SIGTERM is killed, with all that it started', async () => {
    const pid = await program('a', "trap '' TERM; sleep 599 & :")
    const found: (readonly unknown[])[] = []
    const kept = await endLeft(leaving(pid, startOf(pid)), setTimeout, (left) => found.push(left))
    expect(kept).toEqual([])
    expect(found).toEqual([[{ pid, asset: 'a', isLeader: true }]])
    await expect.poll(() => signalGroup(pid, 0), { timeout: 10_000 }).toBe(false)
  })

  test('nothing is said when nothing is left', async () => {
    const found: unknown[] = []
    await endLeft(leaving(2 ** 22 + 2, '1'), setTimeout, (left) => found.push(left))
    expect(found).toEqual([])
  })
})
