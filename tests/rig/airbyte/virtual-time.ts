import { setImmediate } from 'node:timers/promises'
import type { Timers } from '../../../framework/connections/timers.ts'

/**
 * Virtual time: a sleep advances the clock and ends at once. A timer fires when the clock is advanced past
 * its time.
 */
export class VirtualTime implements Timers {
  now: number
  /** The duration of each sleep, in milliseconds. */
  readonly slept: number[] = []
  /** Called during each sleep. */
  meanwhile: () => unknown = () => {}
  readonly #pending = new Map<() => void, number>()

  constructor(now = Date.UTC(2026, 2, 2, 2)) {
    this.now = now
  }

  readonly clock = (): number => this.now

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return
    this.slept.push(milliseconds)
    this.advance(milliseconds)
    await this.meanwhile()
    await setImmediate()
  }

  later(milliseconds: number, call: () => void): () => void {
    this.#pending.set(call, this.now + milliseconds)
    return () => this.#pending.delete(call)
  }

  advance(milliseconds: number): void {
    this.now += milliseconds
    for (const [call, due] of [...this.#pending]) {
      if (due > this.now || !this.#pending.delete(call)) continue
      call()
    }
  }
}
