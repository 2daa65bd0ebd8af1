import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { startTimeFromProc, startTimeFromPs } from '../../../framework/lib/process-identity.ts'
import {
  lifeElsewhere,
  localProcesses,
  OWNER_TIMEOUT,
  type Watch,
  watched,
} from '../../../framework/state/lease-owner.ts'

const NO_PID = 2 ** 22 + 1 // Above the largest that Linux gives out.

describe('the processes of this machine', () => {
  const { self, isAlive } = localProcesses()

  test('this process is alive and always has the same owner', () => {
    expect(isAlive(self)).toBe(true)
    expect(localProcesses().self).toEqual(self)
  })

  test('a process that ended is not alive', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
    await once(child, 'spawn')
    const started = startTimeFromProc(child.pid!) ?? startTimeFromPs(child.pid!)!
    const owner = { ...self, pid: child.pid!, started }
    expect(isAlive(owner)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isAlive(owner)).toBe(false)
  })

  test('another process with a reused pid is not the owner', () => {
    expect(isAlive({ ...self, started: 'long ago' })).toBe(false)
    expect(isAlive({ ...self, pid: NO_PID })).toBe(false)
  })

  test('a process of another machine, boot or container is unknown', () => {
    expect(isAlive({ ...self, realm: 'elsewhere' })).toBeNull()
  })
})

describe('when a process started', () => {
  test.skipIf(!existsSync('/proc/self/stat'))('by /proc (needs Linux)', () => {
    expect(startTimeFromProc(process.pid)).toMatch(/^\d+$/)
    expect(startTimeFromProc(process.ppid)).not.toBe(startTimeFromProc(process.pid))
    expect(startTimeFromProc(NO_PID)).toBeNull()
  })

  test.skipIf(startTimeFromPs(process.pid) === null)('by ps (needs ps)', () => {
    expect(startTimeFromPs(process.pid)).toMatch(/\d\d:\d\d:\d\d \d{4}$/)
    expect(startTimeFromPs(NO_PID)).toBeNull()
  })
})

describe('the owner of a lease elsewhere', () => {
  const life = (now: number, watch: Watch, tick = 0) => lifeElsewhere(watch, now, watch, tick)
  const first = (heartbeat: number, tick = 0) => watched(undefined, { run: 1, heartbeat }, tick)

  test('is alive until a minute after the last heartbeat', () => {
    expect(life(OWNER_TIMEOUT - 1, first(0))).toBe('alive')
    expect(life(OWNER_TIMEOUT, first(0))).toBe('dead')
  })

  test('with a heartbeat in the future, is dead if no other one comes for a minute', () => {
    const watch = first(1_000_000)
    expect(life(0, watch, OWNER_TIMEOUT - 1)).toBe('unsure')
    expect(watched(watch, watch, OWNER_TIMEOUT)).toBe(watch)
    expect(life(0, watch, OWNER_TIMEOUT)).toBe('dead')
  })

  test('with heartbeats in the future, is alive while they go on', () => {
    const watch = watched(first(1_000_000), { run: 1, heartbeat: 1_010_000 }, 10_000)
    expect(life(0, watch, 10_000)).toBe('alive')
    expect(life(0, watch, 10_000 + OWNER_TIMEOUT)).toBe('dead')
    // Another run has sent only one so far.
    expect(life(0, watched(watch, { run: 2, heartbeat: 1_020_000 }, 0))).toBe('unsure')
  })
})
