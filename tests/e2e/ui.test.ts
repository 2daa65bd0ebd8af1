import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  addressOf,
  type Browser,
  CHROMIUM,
  launchBrowser,
  NEEDS_CHROMIUM,
  WatchedPage,
} from '../rig/browser.ts'
import { CliProject, LAUNCHER, type RunningCommand } from '../rig/cli.ts'

// The page of `assets ui` in a real browser, over a real server, with a real run beside it.

const VIEWS = ['#/graph', '#/asset/mart', '#/runs', '#/run/1', '#/plan', '#/answers'] as const

/** A name that a page would run as a script if it were not shown as text. */
const HOSTILE = '</script><img src=x onerror=document.title=1><b>'

function shop(): CliProject {
  return new CliProject().write('seed.txt', '1\n').write(
    'assets.yaml',
    `version: 1
project: shop
assets:
  raw:
    {kind: command, group: raw, code: [seed.txt], run: cp seed.txt raw.txt, outputs: [raw.txt]}
  other:
    {kind: command, group: raw, run: echo o > other.txt, outputs: [other.txt]}
  staged:
    {kind: command, group: staging, deps: [raw], run: sort raw.txt > staged.txt, outputs: [staged.txt]}
  mart:
    kind: command
    group: marts
    description: "${HOSTILE}"
    owners: ["${HOSTILE}"]
    tags: {finance: gold}
    deps: [staged, other]
    run: cat staged.txt other.txt > mart.txt
    outputs: [mart.txt]
  report:
    {kind: command, group: reports, deps: [mart], run: wc -c < mart.txt > report.txt, outputs: [report.txt]}
`,
  )
}

describe.skipIf(CHROMIUM === null)(`the page ${NEEDS_CHROMIUM}`, () => {
  let browser: Browser
  let project: CliProject
  let server: RunningCommand
  let address: string

  beforeAll(async () => {
    browser = await launchBrowser()
    project = shop()
    expect(await project.run('materialize')).toMatchObject({ code: 0 })
    server = project.start(['ui'])
    address = await addressOf(server)
  })

  afterAll(async () => {
    server.child.kill('SIGINT')
    const { code } = await server.ended
    await browser.close()
    project.remove()
    expect(code).toBe(130)
  })

  async function open(
    fragment: string,
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<WatchedPage> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    const watched = new WatchedPage(await context.newPage(), address)
    await watched.page.goto(`${address}${fragment}`)
    await settled(watched)
    return watched
  }

  test.each(VIEWS)(
    '%s has no fault, no violation of accessibility, and fits any width',
    async (view) => {
      const watched = await open(view)
      const { page } = watched
      for (const width of [320, 768, 2560]) {
        await page.setViewportSize({ width, height: 800 })
        const overflow = Number(
          await page.evaluate('document.documentElement.scrollWidth - innerWidth'),
        )
        expect([width, Math.max(0, overflow)]).toEqual([width, 0])
        await watched.picture(`${view.replaceAll(/\W+/g, '-')}-${width}`)
      }
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect([colorScheme, await watched.violations()]).toEqual([colorScheme, []])
      }
      await watched.picture(`${view.replaceAll(/\W+/g, '-')}-dark`)
      expect(watched.faults).toEqual([])
      await page.context().close()
    },
  )

  test('shows names and texts as text', async () => {
    const { page } = await open('#/asset/mart')
    expect(await page.locator('.description').textContent()).toBe(HOSTILE)
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.title()).toBe('mart · shop on local')
    await page.context().close()
  })

  test('can be walked with the keyboard alone, from the graph to an asset and back', async () => {
    const { page } = await open('#/graph')
    const current = () => page.locator('.side h2').textContent()
    await page.keyboard.press('ArrowRight')
    expect(await current()).toBe('raw')
    await page.keyboard.press('ArrowRight')
    expect(await current()).toBe('staged')
    await page.keyboard.press('ArrowRight')
    expect(await current()).toBe('mart')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.locator('.asset-page h2').waitFor()
    expect(page.url()).toContain('#/asset/mart')
    await page.goBack()
    await page.locator('.canvas').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('+staged')
    await expect.poll(() => page.locator('#selection-answer').textContent()).toBe('2 assets')
    expect(await page.locator('.canvas .box .name').allTextContents()).toEqual(['raw', 'staged'])
    await page.keyboard.press('Escape')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.tagName')).toBe('BUTTON')
    await page.context().close()
  })

  test.each([
    ['+mart', '4 assets'],
    ['upstream(mart) and not mart', 'unknown'],
    ['tag:finance+', '2 assets'],
    ['group:raw,raw', '1 asset'],
    ['state:stale', 'state:stale matches nothing'],
    ['mrt', 'no asset is named mrt; did you mean mart?'],
  ])('selects %s as the command line does', async (text, answer) => {
    const { page } = await open(`#/graph?select=${encodeURIComponent(text)}`)
    const listed = await project.run('list', text)
    const said = await page.locator('#selection-answer').textContent()
    const names = await page.locator('.canvas .box .name').allTextContents()
    if (listed.code === 0) expect(names.sort()).toEqual(namesIn(listed.stdout))
    if (answer !== 'unknown') expect(said).toBe(answer)
    await page.context().close()
  })

  test('shows an edit of the project, and its causes as a path', async () => {
    const { page } = await open('#/graph')
    writeFileSync(project.path('seed.txt'), '2\n')
    await expect
      .poll(() => page.locator('.counts').textContent(), { timeout: 20_000 })
      .toContain('1 stale')
    await page.locator('.tree a', { hasText: 'report' }).click()
    expect(await page.locator('.chain a').allTextContents()).toEqual([
      'raw',
      'staged',
      'mart',
      'report',
    ])
    expect(await page.locator('.line.cause').count()).toBe(3)
    await page.keyboard.press('w')
    expect(await page.locator('.line.cause').count()).toBe(0)
    await page.context().close()
  })

  test('watches a run of another process from its first step to its last', async () => {
    const yaml = readFileSync(project.path('assets.yaml'), 'utf8')
    writeFileSync(
      project.path('assets.yaml'),
      yaml.replace('run: sort raw.txt', 'run: sleep 3; sort raw.txt'),
    )
    const { page } = await open('#/graph')
    const seen = new Set<string>()
    const run = project.start(['materialize'])
    const box = (name: string) => page.locator('.box', { hasText: name }).first()
    for (let isRunning = true; isRunning; ) {
      isRunning = await Promise.race([run.ended.then(() => false), pause(150).then(() => true)])
      for (const name of ['staged', 'mart', 'report']) {
        seen.add(`${name} ${(await box(name).getAttribute('class'))?.split(' ')[1]}`)
      }
      if ((await page.locator('a.live').count()) > 0) seen.add('live')
    }
    expect([...seen]).toEqual(expect.arrayContaining(['live', 'staged building', 'mart pending']))
    await expect
      .poll(() => page.locator('.counts').textContent(), { timeout: 20_000 })
      .toBe(' 5 fresh')
    await page.goto(`${address}#/run/2`)
    await page.locator('.gantt').waitFor()
    expect(await page.locator('.log tbody tr').count()).toBeGreaterThan(3)
    await page.context().close()
  })
  test('as a file needs no network, is the same again, and can be an asset itself', async () => {
    const yaml = readFileSync(project.path('assets.yaml'), 'utf8')
    const page = `  page:
    kind: command
    deps: [report]
    run: "'${process.execPath}' '${LAUNCHER}' ui --export site"
    outputs: [site/index.html]
`
    writeFileSync(project.path('assets.yaml'), yaml + page)
    expect(await project.run('materialize')).toMatchObject({ code: 0 })
    expect(await project.run('status', '--exit-code')).toMatchObject({ code: 0 })
    await project.run('ui', '--export', 'one')
    await project.run('ui', '--export', 'two')
    const [one, two] = ['one', 'two'].map((folder) =>
      readFileSync(project.path(`${folder}/index.html`)),
    )
    expect(one!.equals(two!)).toBe(true)
    const file = pathToFileURL(project.path('one/index.html')).href
    const context = await browser.newContext({ offline: true })
    const watched = new WatchedPage(await context.newPage(), 'file:')
    for (const view of VIEWS) {
      await watched.page.goto(`${file}${view}`)
      await settled(watched)
      expect([view, await watched.page.getByText('saved without it').count()]).toEqual([view, 0])
    }
    await watched.page.goto(`${file}#/graph`)
    await watched.page.locator('.tree a', { hasText: 'mart' }).click()
    expect(await watched.page.locator('.side h2').textContent()).toBe('mart')
    expect(watched.faults).toEqual([])
    await context.close()
  })
})

/** The names of a list, in order. */
function namesIn(stdout: string): string[] {
  return stdout
    .split('\n')
    .flatMap((line) => line.trim().split(/\s+/)[0] || [])
    .filter((name) => ['raw', 'other', 'staged', 'mart', 'report'].includes(name))
    .sort()
}

async function settled({ page }: WatchedPage): Promise<void> {
  await page.locator('main > *').first().waitFor()
  await expect
    .poll(() => page.getByText(/^(Reading|Planning)/).count(), { timeout: 20_000 })
    .toBe(0)
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
