import { statSync } from 'node:fs'
import { join } from 'node:path'
import { addressOf, launchBrowser } from './browser.ts'
import { CliProject, REPOSITORY } from './cli.ts'

// `npm run picture` makes the picture of the page that the README shows: the DVD rental after a payment was changed.

const FILE = join(REPOSITORY, 'framework', 'ui', 'page.png')
const LARGEST = 200_000
const CHANGE =
  'update payment set amount = amount + 1 where payment_id = (select min(payment_id) from payment)'

const project = CliProject.dvdRental()
for (const words of [['materialize'], ['source', 'sql', CHANGE], ['status']]) {
  const { code, stderr } = await project.run(...words)
  if (code !== 0) throw new Error(stderr)
}
const server = project.start(['ui'])
const browser = await launchBrowser()
const page = await browser.newPage({ viewport: { width: 1160, height: 620 }, colorScheme: 'light' })
await page.goto(await addressOf(server))
await page.locator('input[type=search]').fill('+fact_payment+1')
await page.locator('.canvas .box', { hasText: /^fact_payment/ }).click()
await page.locator('.line.cause').first().waitFor({ state: 'attached' })
await page.keyboard.press('0')
await page.screenshot({ path: FILE })
await browser.close()
server.child.kill('SIGINT')
await server.ended
project.remove()
const { size } = statSync(FILE)
if (size > LARGEST) throw new Error(`${FILE} has ${size} bytes, more than ${LARGEST}`)
console.log(`${FILE}: ${size} bytes`)
