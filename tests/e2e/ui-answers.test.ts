import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AnswersDocument } from '../../framework/ui/data/answers.ts'
import {
  addressOf,
  type Browser,
  CHROMIUM,
  launchBrowser,
  NEEDS_CHROMIUM,
  type Page,
  WatchedPage,
} from '../rig/browser.ts'
import { CliProject, REPOSITORY, type RunningCommand } from '../rig/cli.ts'

// The answers of `assets ui`: files of extracts as charts.

/** A name that a page would run as a script if it were not shown as text. */
const HOSTILE = '</script><img src=x onerror=document.title=1>'

function shop(): CliProject {
  return new CliProject().write(
    'assets.yaml',
    `version: 1
project: shop
targets: {local: {warehouse: {type: duckdb, path: w.duckdb}}}
assets:
  days:
    kind: extract
    to: out/days.csv
    query: >-
      select (date '2026-01-01' + d::int)::date as day, s as store, (100 + 3 * d + 40 * (s = 'b')::int)::decimal(9, 2) as revenue,
      d = 59 as is_partial from range(60) t(d), (values ('a'), ('b')) v(s) where d <> 30 order by 1, 2
    owners: [sales@example.com]
    chart: {title: How much is paid each day?, type: line, x: day, y: revenue, series: store, partial: is_partial}
  months:
    kind: extract
    to: out/months.csv
    query: select unnest([date '2026-01-01', date '2026-02-01', date '2026-03-01']) as month, unnest([1500.50, 2000, 20.25]) as revenue, unnest([true, false, true]) as is_partial
    chart: {title: How does revenue develop?, type: column, x: month, y: revenue, partial: is_partial, unit: EUR}
  countries:
    kind: extract
    to: out/countries.csv
    query: select 'Country ' || i as country, (1000 - i)::decimal(9, 2) as revenue, i % 7 as customers from range(30) t(i)
    description: Sales by country.
  blocks:
    kind: extract
    to: out/blocks.csv
    query: select unnest(['x', 'y', 'x']) as segment, unnest(['${HOSTILE}', 'B', 'C']) as category, unnest([12.5, -3.25, 7]) as share_pct
    chart: {title: "${HOSTILE}", type: bar, x: category, y: share_pct, series: segment}
  totals:
    kind: extract
    to: out/totals.csv
    query: select 42 as orders, 1234.5::decimal(9, 2) as revenue
  names:
    kind: extract
    to: out/names.csv
    query: select 'n' || i as name, 'x' as more, null as nothing from range(25) t(i)
  misdrawn:
    kind: extract
    to: out/misdrawn.csv
    query: select 'a' as country, 1 as revenue union all select 'b', 2
    chart: {type: bar, x: country, y: revenu}
  other_format:
    kind: extract
    to: "out/rows [1].parquet"
    query: >-
      select unnest([date '2026-01-01', date '2026-02-01']) as month, unnest([12.50, 7]::decimal(9, 2)[]) as revenue,
      unnest([true, null]) as is_partial
`,
  )
}

describe('the answers', () => {
  let project: CliProject
  let browser: Browser | null = null
  let server: RunningCommand | null = null
  let address = ''

  beforeAll(async () => {
    project = shop()
    expect(await project.run('materialize')).toMatchObject({ code: 0 })
    if (CHROMIUM === null) return
    browser = await launchBrowser()
    server = project.start(['ui'])
    address = await addressOf(server)
  })

  afterAll(async () => {
    server?.child.kill('SIGINT')
    await server?.ended
    await browser?.close()
    project.remove()
  })

  const answers = async () => {
    const { stdout } = await project.run('ui', '--read', 'answers')
    return new Map((JSON.parse(stdout) as AnswersDocument).answers.map((one) => [one.name, one]))
  }

  test('are the rows of every extract, and its chart', async () => {
    const found = await answers()
    expect([...found].map(([name, { chart }]) => [name, chart?.type ?? null])).toEqual([
      ['days', 'line'],
      ['months', 'column'],
      ['countries', 'bar'],
      ['blocks', 'bar'],
      ['totals', 'number'],
      ['names', 'table'],
      ['misdrawn', 'bar'],
      ['other_format', 'column'],
    ])
    expect(found.get('days')).toMatchObject({
      title: 'How much is paid each day?',
      file: 'out/days.csv',
      owners: ['sales@example.com'],
      message: null,
    })
    expect(found.get('days')!.chart!.rows[0]).toEqual(['2026-01-01', 'a', false, 100])
    expect(found.get('misdrawn')!.notes).toEqual([
      'The file has no column revenu, which `chart:` names; did you mean revenue?',
    ])
    expect(found.get('other_format')!.chart).toMatchObject({
      columns: [{ name: 'month' }, { name: 'is_partial' }, { name: 'revenue', decimals: 2 }],
      rows: [
        ['2026-01-01', true, 12.5],
        ['2026-02-01', null, 7],
      ],
    })
  })

  test('say what is wrong with a file', async () => {
    const names = project.path('out/names.csv')
    const months = project.path('out/months.csv')
    const other = project.path('out/rows [1].parquet')
    const text = readFileSync(names, 'utf8')
    const rows = readFileSync(other)
    writeFileSync(other, 'no parquet')
    rmSync(names)
    writeFileSync(months, '')
    const found = await answers()
    writeFileSync(names, text)
    writeFileSync(other, rows)
    expect(found.get('other_format')!.message).toBe(
      "The file out/rows [1].parquet can't be read: it is no .parquet file.",
    )
    expect(found.get('names')!.message).toBe(
      'The file out/names.csv is gone. The next run writes it again.',
    )
    expect(found.get('months')!.message).toBe('The file is empty.')
    expect(await project.run('materialize')).toMatchObject({ code: 0 })
  })

  test('change with `chart:`, and nothing is stale for that', async () => {
    const yaml = readFileSync(project.path('assets.yaml'), 'utf8')
    writeFileSync(project.path('assets.yaml'), yaml.replace('y: revenu}', 'y: revenue, top: 1}'))
    const found = await answers()
    expect(found.get('misdrawn')).toMatchObject({ notes: [], chart: { top: 1 } })
    const { counts } = await project.json<{ counts: object }>('status')
    expect(counts).toMatchObject({ fresh: 8 })
    writeFileSync(project.path('assets.yaml'), yaml)
  })

  test('are in an exported page too, which fits a small budget', async () => {
    expect(await project.run('ui', '--export', 'site')).toMatchObject({ code: 0 })
    const html = readFileSync(project.path('site/index.html'), 'utf8')
    expect(html).toContain('How much is paid each day?')
    expect(html).not.toContain(HOSTILE)
    const page = gzipSync(readFileSync(`${REPOSITORY}/dist/page.html`))
    expect(page.length).toBeLessThan(120 * 1024)
  })

  describe.skipIf(CHROMIUM === null)(`on the page ${NEEDS_CHROMIUM}`, () => {
    async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<WatchedPage> {
      const context = await browser!.newContext({
        viewport: { width: 1440, height: 900 },
        ...options,
      })
      const watched = new WatchedPage(await context.newPage(), address)
      await watched.page.goto(`${address}#/answers`)
      await watched.page.locator('figure.chart').first().waitFor()
      return watched
    }
    let opened: Promise<WatchedPage> | null = null
    /** One page for the tests that need no other. */
    const shared = async () => {
      opened ??= open()
      return (await opened).page
    }

    const card = (page: Page, name: string) =>
      page.locator('article.answer', { has: page.locator(`#answer-${name}`) })

    test.each(['light', 'dark'] as const)(
      'have no fault, no violation of accessibility, and fit any width in %s colours',
      async (colorScheme) => {
        const watched = await open({ colorScheme })
        expect(await watched.violations()).toEqual([])
        for (const width of colorScheme === 'light' ? [320, 768, 1440, 2560] : [1440]) {
          await watched.page.setViewportSize({ width, height: 900 })
          const overflow = await watched.page.evaluate(
            `Math.max(document.documentElement.scrollWidth - innerWidth,
              ...[...document.querySelectorAll('main, article.answer')].map((one) => one.scrollWidth - one.clientWidth))`,
          )
          expect([width, overflow]).toEqual([width, 0])
          await watched.picture(`answers-${colorScheme}-${width}`)
        }
        expect(watched.faults).toEqual([])
        if (colorScheme === 'dark') return
        const buttons = watched.page.getByText('Show as table')
        while ((await buttons.count()) > 0) await buttons.first().click()
        expect(await watched.violations()).toEqual([])
        expect(watched.faults).toEqual([])
      },
    )

    test('say how old they are, whether they are fresh, and who they are for', async () => {
      const page = await shared()
      const days = card(page, 'days')
      expect(await days.locator('.trust').textContent()).toMatch(
        /^as of \d{4}-\d\d-\d\d \d\d:\d\d, {2}fresh$/,
      )
      expect(await days.locator('.source').textContent()).toBe('days for sales@example.com')
      expect(await days.locator('.source a').getAttribute('href')).toBe('#/asset/days')
      expect(await card(page, 'countries').locator('h3').textContent()).toBe('Sales by country.')
      expect(await page.locator('img').count()).toBe(0)
      expect(await card(page, 'blocks').locator('h3').textContent()).toBe(HOSTILE)
      expect(await card(page, 'other_format').textContent()).toContain('Jan 2026partial')
    })

    test('tell values below the pointer, in words, and as a table', async () => {
      const page = await shared()
      const days = card(page, 'days')
      const readout = days.locator('.readout')
      expect(await readout.textContent()).toBe(
        'Last: 1 Mar 2026, a 277.00 (partial), b 317.00 (partial)',
      )
      const plot = (await days.locator('.u-over').boundingBox())!
      await page.mouse.move(plot.x + 1, plot.y + plot.height / 2)
      await expect.poll(() => readout.textContent()).toBe('1 Jan 2026, a 100.00, b 140.00')
      expect(await days.getByRole('img').getAttribute('aria-label')).toContain(
        'b: first 140.00 (1 Jan 2026), lowest 140.00 (1 Jan 2026), highest 317.00 (1 Mar 2026)',
      )
      expect(await days.locator('figcaption').textContent()).toContain(
        'Dashed: partial period, the data does not cover all of it.A gap in the line',
      )
      await days.getByText('Show as table').click()
      expect(await days.locator('thead th').allTextContents()).toEqual([
        'Day',
        'Store',
        'Is partial',
        'Revenue',
      ])
      expect(await days.locator('tbody tr').count()).toBe(10)
      await days.getByText('Show all 118 rows').click()
      expect(await days.locator('tbody tr').count()).toBe(118)
      await days.getByText('Show as chart').click()
      await days.locator('.u-over').waitFor()
    })

    test('mark partial months and cut long lists', async () => {
      const page = await shared()
      const months = card(page, 'months')
      expect(await months.locator('.column.partial').count()).toBe(2)
      expect(await months.locator('.axis-label').textContent()).toBe('Revenue (EUR)')
      expect(await months.locator('.column .value').allTextContents()).toEqual([
        '1,500.50',
        '2,000.00',
        '20.25',
      ])
      expect(await months.textContent()).toContain('Hollow: partial month')
      const countries = card(page, 'countries')
      expect(await countries.locator('tbody tr').count()).toBe(15)
      expect(await countries.textContent()).toContain('The first 15 of 30; the table has all.')
      const widths = await countries
        .locator('td:nth-child(2) .fill')
        .evaluateAll((fills) =>
          fills.map((fill) => (fill as unknown as { style: { width: string } }).style.width),
        )
      expect(widths.slice(0, 2)).toEqual(['100%', '99.9%'])
      expect(await card(page, 'totals').locator('dd').allTextContents()).toEqual(['1,234.50', '42'])
    })

    test('are on the pages of their assets, too', async () => {
      const page = await shared()
      await card(page, 'months').locator('.source a').click()
      const section = page.locator('.answer-of-asset')
      expect(await section.locator('h3').textContent()).toBe('How does revenue develop?')
      expect(await section.locator('.column').count()).toBe(3)
      await page.goBack()
      await page.locator('figure.chart').first().waitFor()
    })

    test('follow a change of `chart:` while they are open', async () => {
      const page = await shared()
      const yaml = readFileSync(project.path('assets.yaml'), 'utf8')
      writeFileSync(project.path('assets.yaml'), yaml.replace('y: revenu}', 'y: revenue}'))
      const misdrawn = card(page, 'misdrawn')
      expect(await misdrawn.textContent()).toContain('did you mean revenue?')
      await expect
        .poll(() => misdrawn.textContent(), { timeout: 20_000 })
        .not.toContain('did you mean')
      writeFileSync(project.path('assets.yaml'), yaml)
    })
  })
})
