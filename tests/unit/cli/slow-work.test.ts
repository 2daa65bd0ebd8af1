import { expect, test } from 'vitest'
import { tellIfSlow } from '../../../framework/cli/slow-work.ts'
import type { OnWait } from '../../../framework/ports/batch.ts'

/** Work that the test ends, and a timer that it fires. */
function begin() {
  const notices: string[] = []
  let fire = () => {}
  let isCancelled = false
  const later = (milliseconds: number, call: () => void) => {
    expect(milliseconds).toBe(1_000)
    fire = call
    return () => {
      isCancelled = true
    }
  }
  let tell: OnWait = () => {}
  let end = () => {}
  const done = tellIfSlow(
    { later },
    (message) => notices.push(message),
    (onWait) => {
      tell = onWait
      return new Promise<string>((resolve) => {
        end = () => resolve('read')
      })
    },
  )
  return {
    notices,
    done,
    fire: () => fire(),
    tell: (message: string | null) => tell(message),
    end: () => end(),
    isCancelled: () => isCancelled,
  }
}

test('fast work says nothing', async () => {
  const work = begin()
  work.tell('dbt: starting')
  work.tell('dbt: reading the project')
  work.end()
  expect(await work.done).toBe('read')
  expect(work.notices).toEqual([])
  expect(work.isCancelled()).toBe(true)
})

test('slow work says what it waits for, once', async () => {
  const work = begin()
  work.tell('dbt: starting')
  work.tell('dbt: reading the project')
  work.fire()
  work.tell('dbt: reading the project')
  work.tell(null)
  work.end()
  await work.done
  expect(work.notices).toEqual(['dbt: reading the project …'])
})

test('slow work says what it goes on with', async () => {
  const work = begin()
  work.fire()
  expect(work.notices).toEqual([])
  work.tell('dbt: starting')
  work.tell('dbt: reading the project')
  work.end()
  await work.done
  work.tell('dbt: starting')
  expect(work.notices).toEqual(['dbt: starting …', 'dbt: reading the project …'])
})
