import { setImmediate } from 'node:timers/promises'
import type { Timers } from '../../../framework/connections/airbyte/timers.ts'

/**
 * Time that nobody waits for: a sleep moves the clock and is over. What should happen later happens when
 * the clock was moved so far.
 */
export class VirtualTime implements Timers {
  now: number
  /** How long each sleep was, in milliseconds. */
  readonly slept: number[] = []
  /** Called before each sleep ends: what happens meanwhile. */
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
