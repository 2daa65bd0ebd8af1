import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { addressOf, CHROMIUM, launchBrowser, type Page } from '../rig/browser.ts'
import { launch, REPOSITORY, RunningCommand } from '../rig/cli.ts'
import { alternate, resultLine, secondsOf } from './measure.ts'
import { lattice, WideProject } from './wide-project.ts'

// `assets ui`: the start of its server against an empty Node program, its size, its memory, and how a browser keeps up
// with 10,000 assets.

const SIZE = 10_000
const ROUNDS = 7
/** Pixels that the mouse drags the graph in each of as many frames. */
const FRAMES = 60

export async function benchPage(print: (line: string) => void): Promise<void> {
  const html = readFileSync(join(REPOSITORY, 'dist', 'page.html'))
  print(`the page without data: ${kilobytes(gzipSync(html).length)} gzip (goal ≤ 120 KB)`)
  const project = new WideProject(lattice(SIZE, 10))
  try {
    await project.make({ ninja: false })
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    const nothing = () => secondsOf(process.execPath, ['-e', '0'])
    const start = () => firstByte(project.root)
    await start()
    print(
      resultLine(
        'assets ui, to the first byte',
        'node -e 0',
        3,
        await alternate(ROUNDS, start, nothing),
      ),
    )
    await watch(project.root, print)
  } finally {
    project.remove()
  }
}

/** Seconds from the start of the command to the first byte of the page. */
async function firstByte(root: string): Promise<number> {
  const startedAt = performance.now()
  const server = serve(root)
  const address = await addressOf(server)
  await new Promise<void>((resolve, reject) => {
    get(address, (response) => response.once('data', () => resolve())).on('error', reject)
  })
  const seconds = (performance.now() - startedAt) / 1000
  await end(server)
  return seconds
}

async function watch(root: string, print: (line: string) => void): Promise<void> {
  if (CHROMIUM === null) return print('in a browser: skipped, there is no Chromium')
  const server = serve(root)
  const browser = await launchBrowser()
  try {
    const address = await addressOf(server)
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    const startedAt = performance.now()
    await page.goto(address)
    await page.locator('.canvas .box').first().waitFor()
    print(`${SIZE.toLocaleString('en')} assets, to the first graph: ${seconds(startedAt)}`)
    print(`while panning: ${await frames(page)}`)
    const before = performance.now()
    await page.locator('input[type=search]').fill('+asset_000500')
    await page
      .getByText(/^\d[\d,]* assets?$/)
      .first()
      .waitFor()
    print(`a selection, from the last key to its graph: ${seconds(before)}`)
    print(`memory of the server with an open page: ${memoryOf(server)}`)
  } finally {
    await browser.close()
    await end(server)
  }
}

/** The times of frames while the graph is dragged. */
async function frames(page: Page): Promise<string> {
  await page.evaluate(`window.times = []
    const look = (at) => { times.push(at); requestAnimationFrame(look) }
    requestAnimationFrame(look)`)
  await page.mouse.move(700, 400)
  await page.mouse.down()
  for (let k = 0; k < FRAMES; k++) await page.mouse.move(700 + 4 * k, 400 + 2 * k)
  await page.mouse.up()
  const times = (await page.evaluate('times')) as number[]
  const gaps = times
    .slice(1)
    .map((at, k) => at - times[k]!)
    .sort((a, b) => a - b)
  const at = (share: number) => gaps[Math.floor((gaps.length - 1) * share)]!.toFixed(0)
  return `frames of ${at(0.5)} ms (median), ${at(0.95)} ms (95 of 100)`
}

function serve(root: string): RunningCommand {
  return new RunningCommand(launch(['ui'], root, ['ignore', 'pipe', 'pipe']))
}

async function end(server: RunningCommand): Promise<void> {
  server.child.kill('SIGINT')
  await server.ended
}

/** The resident memory of a process. Linux only. */
function memoryOf({ child }: RunningCommand): string {
  try {
    const [, size] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? []
    return `${Math.round(Number(size) / 1024)} MB (goal ≤ 120 MB)`
  } catch {
    return 'not known on this system'
  }
}

const kilobytes = (bytes: number) => `${Math.round(bytes / 1024)} KB`
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(2)} s`
