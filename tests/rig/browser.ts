import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { RunningCommand } from './cli.ts'

export type { Browser, Page }

/** The program of a Chromium; null where there is none. */
export const CHROMIUM =
  [
    process.env.ASSETS_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ].find((file) => file !== undefined && existsSync(file)) ?? null

/** For the names of tests that are skipped without it. */
export const NEEDS_CHROMIUM = '(needs Chromium)'

/** A browser without windows that asks nobody on the network by itself. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM!,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      // The shared memory of containers is small.
      '--disable-dev-shm-usage',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** A page, and everything that went wrong in it: errors, refusals of its policy, requests to elsewhere. */
export class WatchedPage {
  readonly page: Page
  readonly faults: string[] = []

  constructor(page: Page, own: string) {
    this.page = page
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        this.faults.push(message.text())
    })
    page.on('pageerror', (error) => this.faults.push(String(error.stack)))
    page.on('request', (request) => {
      if (!request.url().startsWith(own) && !request.url().startsWith('data:')) {
        this.faults.push(`asked ${request.url()}`)
      }
    })
  }

  /** The violations of axe's rules on the page as it is now, each with its first element. */
  async violations(): Promise<readonly string[]> {
    await this.page.evaluate(AXE)
    const { violations } = (await this.page.evaluate(
      "axe.run(document, { resultTypes: ['violations'] })",
    )) as AxeResults
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
  }

  /** Keeps a picture of the page, for who looks at the results of the tests. */
  async picture(name: string): Promise<void> {
    const folder = process.env.ASSETS_PICTURES ?? join(tmpdir(), 'assets-pictures')
    mkdirSync(folder, { recursive: true })
    await this.page.screenshot({ path: join(folder, `${name}.png`) })
  }
}

/** What the page needs of axe's results (dequelabs.com/axe/core-documentation). */
interface AxeResults {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly html: string }[]
  }[]
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The address that `assets ui` printed, once it listens. */
export async function addressOf(command: RunningCommand): Promise<string> {
  await command.until('Ctrl-C ends it')
  const [address] = /http:\/\/\S+/.exec(command.stdout) ?? []
  if (address === undefined) throw new Error(`assets ui printed no address: ${command.stdout}`)
  return address
}
