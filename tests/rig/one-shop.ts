import { afterAll, beforeAll, beforeEach } from 'vitest'
import { sharedPython } from './python.ts'
import { type Command, Shop } from './shop.ts'

/**
 * One shop and one worker for all tests of a file. Each test starts with the original files. Starting
 * a worker takes longer than most of the tests.
 */
export function inOneShop(opened: (shop: Shop, command: Command) => void): void {
  let shop: Shop
  beforeAll(async () => {
    shop = new Shop(await sharedPython())
    opened(shop, shop.command())
  })
  beforeEach(() => {
    shop.reset()
  })
  afterAll(() => shop.close())
}
