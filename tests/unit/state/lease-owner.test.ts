import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { startTimeFromProc, startTimeFromPs } from '../../../framework/lib/process-identity.ts'
import { isHeld, localProcesses, OWNER_TIMEOUT } from '../../../framework/state/lease-owner.ts'

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

describe('a lease is held', () => {
  const owner = { host: 'h', realm: 'r', pid: 1, started: 's' }
  const seen = (alive: boolean | null) => ({ self: owner, isAlive: () => alive })

  test('while its process is alive, even without heartbeats', () => {
    expect(isHeld({ owner, heartbeat: 0 }, 100 * OWNER_TIMEOUT, seen(true))).toBe(true)
    expect(isHeld({ owner, heartbeat: 0 }, 0, seen(false))).toBe(false)
  })

  test('until a minute after the last heartbeat, if its process is unknown', () => {
    expect(isHeld({ owner, heartbeat: 0 }, OWNER_TIMEOUT - 1, seen(null))).toBe(true)
    expect(isHeld({ owner, heartbeat: 0 }, OWNER_TIMEOUT, seen(null))).toBe(false)
  })
})
