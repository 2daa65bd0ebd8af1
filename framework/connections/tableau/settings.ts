import { parseDuration } from '../../lib/duration.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'

/** The settings of a `tableau` connection. */
export interface TableauSettings {
  /** The connection's name in the target. */
  readonly name: string
  /** `https://host` with an optional path, without a trailing slash. */
  readonly url: string
  /** As the API calls it: `contentUrl`. Empty: the default site. */
  readonly site: string
  readonly tokenName: string
  readonly token: string
  /** How long a job is waited for, in milliseconds. */
  readonly timeout: number
}

const DEFAULT_TIMEOUT = 6 * 3_600_000

/** The service as receipts name it. */
export const serviceOf = ({ url, site }: TableauSettings): string =>
  site === '' ? url : `${url}, site ${site}`

/** Reads validated settings. Problem: `invalid-tableau`, the URL is none, or is that of a page. */
export function readSettings({ settings, at }: AdapterSettings): Result<TableauSettings> {
  const name = String(at.path.at(-1))
  const invalid = (key: string, message: string, hint: string): Result<never> =>
    fail({
      code: 'invalid-tableau',
      message: `connection ${name}: ${message}`,
      at: { file: at.file, path: [...at.path, key] },
      hint,
    })
  const given = String(settings.url)
  const url = URL.canParse(given) ? new URL(given) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return invalid(
      'url',
      'url is not the URL of a web server',
      'write https://10ax.online.tableau.com, or the address of a Tableau Server',
    )
  }
  if (url.username !== '' || url.password !== '') {
    return invalid(
      'url',
      'url has a login',
      'Tableau takes a personal access token: set token_name and token',
    )
  }
  // The address of a page: https://host/#/site/rental/home, https://host/t/rental/views/Overview.
  const page = /\/site\/([^/]+)/.exec(url.hash) ?? /^\/t\/([^/]+)/.exec(url.pathname)
  if (
    page !== null ||
    url.search !== '' ||
    /^\/(views|datasources|workbooks)\//.test(url.pathname)
  ) {
    return invalid(
      'url',
      'url is the address of a page',
      `write ${url.origin}${page === null ? '' : ` and site: ${page[1]}`}`,
    )
  }
  const site = String(settings.site ?? '')
  if (/[/:]/.test(site)) {
    const named = /\/(?:site|t)\/([^/]+)/.exec(site)?.[1]
    const hint = 'write what stands behind /site/ in its address'
    return invalid(
      'site',
      'site is an address',
      named === undefined ? hint : `write site: ${named}`,
    )
  }
  return ok({
    name,
    url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    site,
    tokenName: String(settings.token_name),
    token: String(settings.token),
    timeout: parseDuration(String(settings.timeout ?? '')) ?? DEFAULT_TIMEOUT,
  })
}
