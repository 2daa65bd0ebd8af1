import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  backgroundJobXml,
  contentXml,
  credentialsXml,
  errorXml,
  jobXml,
  pageXml,
  projectXml,
  responseXml,
  serverInfoXml,
  siteXml,
  userXml,
} from './answers.ts'
import { partsOf } from './multipart.ts'
import { type Content, type Job, Store } from './store.ts'

// A server that answers as Tableau's REST API does, on this machine only. `contract/tableau-look-alike.test.ts` holds it against
// the vendor's own client. Faults make it misbehave.

/** What happens to a call instead of its answer, or after it. */
export type Fault =
  | {
      readonly is: 'status'
      readonly status: number
      readonly code?: string
      readonly headers?: Readonly<Record<string, string>>
    }
  /** The connection breaks: before the call is carried out, or after it. */
  | { readonly is: 'broken'; readonly when: 'before' | 'after' }
  /** A page of a proxy. */
  | { readonly is: 'page'; readonly status: number }
  /** The answer ends in its middle. */
  | { readonly is: 'cut' }
  /** The call is carried out, and its answer never comes. */
  | { readonly is: 'silent' }
  | { readonly is: 'redirect'; readonly to: string }

interface PlannedFault {
  readonly method: string
  readonly path: RegExp
  readonly fault: Fault
  times: number
}

/** An error of the API: its code begins with the HTTP status. */
class Refusal extends Error {
  readonly code: string
  readonly summary: string

  constructor(code: string, summary: string, detail: string) {
    super(detail)
    this.code = code
    this.summary = summary
  }
}

interface Call {
  readonly method: string
  /** Below `/api/VERSION`. */
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Buffer
  readonly type: string
}

export const VERSION = '3.27'
export const TOKEN = { name: 'nightly', secret: 'pat-secret-of-the-night' }

export class TableauLookAlike {
  readonly store: Store
  /** Every call, as `POST /sites/…/datasources?asJob=true`, with `SITE` in the place of the site's id. */
  readonly calls: string[] = []
  version = VERSION
  /** The largest page that it gives, whatever is asked for. */
  largestPage = Number.POSITIVE_INFINITY
  /** Awaited with each call, before it is carried out and again before its answer. */
  beforeAnswer: () => Promise<void> = async () => {}
  /** Sign-ins so far. A second one ends the session of the first. */
  signIns = 0
  /** What the user of the token may not do: part of a method and a path, as `POST /datasources`. */
  readonly forbidden: (string | RegExp)[] = []
  /** The role of the user of the token. */
  siteRole = 'SiteAdministratorExplorer'
  readonly #server: Server
  readonly #faults: PlannedFault[] = []
  #session: string | null = null

  private constructor(now: () => number) {
    this.store = new Store(now)
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  static async start(now: () => number = Date.now): Promise<TableauLookAlike> {
    const started = new TableauLookAlike(now)
    await new Promise<void>((resolve) => started.#server.listen(0, '127.0.0.1', resolve))
    return started
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The next calls of a method to paths that match misbehave. */
  plan(method: string, path: RegExp, fault: Fault, times = 1): void {
    this.#faults.push({ method, path, fault, times })
  }

  /** Ends the session, as after its time or after another sign-in with the same token. */
  endSession(): void {
    this.#session = null
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const url = new URL(request.url ?? '/', this.url)
    const call: Call = {
      method: request.method ?? 'GET',
      path: url.pathname.replace(/^\/api\/[\d.]+/, ''),
      query: url.searchParams,
      body: Buffer.concat(chunks),
      type: String(request.headers['content-type'] ?? ''),
    }
    this.calls.push(`${call.method} ${call.path.replace(this.store.site.id, 'SITE')}${url.search}`)
    const fault = this.#faultOf(call)
    await this.beforeAnswer()
    if (fault?.is === 'broken' && fault.when === 'before') return void request.socket.destroy()
    if (fault?.is === 'status') {
      const code = fault.code ?? `${fault.status}000`
      return send(response, fault.status, errorXml(code, 'on purpose', 'on purpose'), fault.headers)
    }
    if (fault?.is === 'redirect') {
      // As of nginx and Apache.
      const page = '<html><body>301 Moved Permanently</body></html>'
      return void response
        .writeHead(301, { location: fault.to, 'content-type': 'text/html' })
        .end(page)
    }
    if (fault?.is === 'page') {
      return void response
        .writeHead(fault.status, { 'content-type': 'text/html' })
        .end('<html><body>Bad gateway</body></html>')
    }
    let status = 200
    let inner: string
    try {
      const token = String(request.headers['x-tableau-auth'] ?? '')
      ;[status, inner] = this.#carryOut(call, token)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      status = Number(error.code.slice(0, 3))
      inner = errorXml(error.code, error.summary, error.message)
    }
    await this.beforeAnswer()
    if (fault?.is === 'broken') return void request.socket.destroy()
    if (fault?.is === 'silent') return
    if (fault?.is === 'cut') {
      const whole = responseXml(inner)
      response.writeHead(status, { 'content-length': String(Buffer.byteLength(whole)) })
      response.write(whole.slice(0, whole.length / 2), () => request.socket.destroy())
      return
    }
    send(response, status, inner)
  }

  #faultOf({ method, path }: Call): Fault | null {
    const planned = this.#faults.find(
      (one) => one.times > 0 && one.method === method && one.path.test(path),
    )
    if (planned === undefined) return null
    planned.times -= 1
    return planned.fault
  }

  /** The status and the answer of a call. Throws a `Refusal`. */
  #carryOut(call: Call, token: string): readonly [status: number, inner: string] {
    const { method, path } = call
    if (/^\/server-?info$/i.test(path)) return [200, serverInfoXml(this.version)]
    if (path === '/auth/signin') return this.#signIn(call.body.toString())
    if (token === '' || token !== this.#session) {
      throw new Refusal(
        '401002',
        'Unauthorized Access',
        'Invalid authentication credentials were provided.',
      )
    }
    if (path === '/auth/signout') {
      this.#session = null
      return [204, '']
    }
    const [, site, rest] = /^\/sites\/([^/]+)(.*)$/.exec(path) ?? []
    if (site !== this.store.site.id) throw notFound('404000', `site ${site}`)
    const called = `${method} ${rest}`
    const denied = this.forbidden.find((part) =>
      typeof part === 'string' ? called.includes(part) : part.test(called),
    )
    if (denied !== undefined) {
      throw new Refusal(
        '403004',
        'Forbidden',
        'The user does not have the right for this operation.',
      )
    }
    return this.#ofSite(rest!, call)
  }

  #signIn(body: string): readonly [number, string] {
    const attribute = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(body)?.[1]
    const isKnown =
      attribute('personalAccessTokenName') === TOKEN.name &&
      attribute('personalAccessTokenSecret') === TOKEN.secret
    if (!isKnown) throw new Refusal('401001', 'Signin Error', 'Error signing in to Tableau Server')
    if (attribute('contentUrl') !== this.store.site.contentUrl) {
      throw new Refusal('401001', 'Signin Error', 'Error signing in to Tableau Server')
    }
    this.#session = randomUUID()
    this.signIns += 1
    return [200, credentialsXml(this.#session, this.store)]
  }

  #ofSite(path: string, { method, query, body, type }: Call): readonly [number, string] {
    const { store } = this
    if (Number(query.get('pageSize')) > this.largestPage)
      query.set('pageSize', String(this.largestPage))
    const [, collection, id, action] = /^\/(\w+)(?:\/([^/]+))?(?:\/(\w+))?$/.exec(path) ?? []
    if (path === '' && method === 'GET') return [200, siteXml(store)]
    switch (
      `${method} ${collection ?? ''}${id === undefined ? '' : '/ID'}${action === undefined ? '' : `/${action}`}`
    ) {
      case 'GET projects':
        return [200, pageXml('projects', filtered(store.projects, query), projectXml, query)]
      case 'POST fileUploads': {
        const upload = randomUUID()
        store.uploads.set(upload, [])
        return [201, `<fileUpload uploadSessionId="${upload}" fileSize="0"/>`]
      }
      case 'PUT fileUploads/ID': {
        const blocks = store.uploads.get(id!)
        if (blocks === undefined) throw notFound('404015', 'upload session')
        const block = partsOf(type, body).get('tableau_file')
        if (block === undefined)
          throw new Refusal('400000', 'Bad Request', 'there is no tableau_file')
        blocks.push(Buffer.from(block))
        return [200, `<fileUpload uploadSessionId="${id}" fileSize="${blocks.length}"/>`]
      }
      case 'POST datasources':
        return this.#publish(query, partsOf(type, body))
      case 'GET datasources':
      case 'GET workbooks': {
        const wanted = collection === 'datasources' ? 'datasource' : 'workbook'
        const contents = store.contents.filter((one) => one.type === wanted)
        return [200, pageXml(collection!, filtered(contents, query), contentXml, query)]
      }
      case 'GET datasources/ID':
      case 'GET workbooks/ID':
        return [200, contentXml(this.#content(id!))]
      case 'DELETE datasources/ID':
        store.contents.splice(store.contents.indexOf(this.#content(id!)), 1)
        return [204, '']
      case 'POST datasources/ID/refresh':
      case 'POST workbooks/ID/refresh':
        return this.#refresh(this.#content(id!))
      case 'GET users/ID':
        return [200, userXml(id!, this.siteRole)]
      case 'GET jobs':
        return [200, pageXml('backgroundJobs', this.#jobs(query), backgroundJobXml, query)]
      case 'GET jobs/ID': {
        const job = store.poll(id!)
        if (job === undefined) throw notFound('404031', 'job')
        return [200, jobXml(job)]
      }
      case 'PUT jobs/ID': {
        const job = store.jobs.find((one) => one.id === id)
        if (job === undefined) throw notFound('404031', 'job')
        if (job.completedAt === null) store.end(job, 2)
        return [200, '']
      }
      default:
        throw notFound('404000', path)
    }
  }

  /** The jobs that a filter names, by what the vendor documents: type, status and time of creation. */
  #jobs(query: URLSearchParams): readonly Job[] {
    const filters = (query.get('filter') ?? '').split(/,(?![^[]*\])/).filter((one) => one !== '')
    return filters.reduce<readonly Job[]>((jobs, filter) => {
      const [, field, operator, value = ''] = /^(\w+):(\w+):(.*)$/.exec(filter) ?? []
      const values = operator === 'in' ? value.slice(1, -1).split(',') : [value]
      return jobs.filter((job) => {
        const xml = backgroundJobXml(job)
        switch (`${field} ${operator}`) {
          case 'jobType eq':
          case 'jobType in':
          case 'status eq':
            return values.some((one) => xml.includes(` ${field}="${one}"`))
          case 'createdAt gt':
            return Date.parse(job.createdAt) > Date.parse(value)
          case 'createdAt lt':
            return Date.parse(job.createdAt) < Date.parse(value)
          default:
            throw new Refusal('400006', 'Bad Request', `the filter ${filter} is not valid`)
        }
      })
    }, this.store.jobs)
  }

  #content(id: string): Content {
    const content = this.store.contents.find((one) => one.id === id)
    if (content === undefined) throw notFound('404004', `content ${id}`)
    return content
  }

  #publish(query: URLSearchParams, parts: ReadonlyMap<string, Buffer>): readonly [number, string] {
    const { store } = this
    const request = parts.get('request_payload')?.toString() ?? ''
    const name = unescaped(/<datasource[^>]* name="([^"]*)"/.exec(request)?.[1] ?? '')
    const described = unescaped(/ description="([^"]*)"/.exec(request)?.[1] ?? '')
    const project = store.projects.find(
      (one) => one.id === /<project[^>]* id="([^"]*)"/.exec(request)?.[1],
    )
    const upload = query.get('uploadSessionId')
    const blocks = upload === null ? undefined : store.uploads.get(upload)
    if (upload !== null && blocks === undefined) throw notFound('404015', 'upload session')
    const bytes = blocks === undefined ? parts.get('tableau_datasource') : Buffer.concat(blocks)
    if (name === '' || bytes === undefined)
      throw new Refusal('400011', 'Bad Request', 'there is no name or no file')
    if (project === undefined) throw notFound('404005', 'project')
    const existing = store.find('datasource', name, project)
    if (existing !== undefined && query.get('overwrite') !== 'true') {
      throw new Refusal('409006', 'Resource Conflict', 'A data source with this name exists')
    }
    const kept = Buffer.from(bytes)
    if (upload !== null) store.uploads.delete(upload)
    const carryOut = () => store.publish(name, project, kept, described)
    if (query.get('asJob') !== 'true') return [201, contentXml(carryOut())]
    const job = store.addJob('PublishDatasource', existing ?? null, carryOut)
    return [202, jobXml(job)]
  }

  #refresh(content: Content): readonly [number, string] {
    if (!content.hasExtract) {
      throw new Refusal(
        '409090',
        'Resource Conflict',
        'This operation is not allowed: there is no extract.',
      )
    }
    if (this.store.refreshOf(content) !== undefined) {
      const detail = `Job for '${content.name}' is already queued. Not queuing a duplicate.`
      throw new Refusal('409093', 'Resource Conflict', detail)
    }
    return [202, jobXml(this.store.addJob('RefreshExtract', content))]
  }
}

/** The items that a filter such as `name:eq:Finance` names; all of them without one. */
function filtered<T extends { readonly name: string }>(
  items: readonly T[],
  query: URLSearchParams,
): readonly T[] {
  const [, name] = /^name:eq:(.*)$/.exec(query.get('filter') ?? '') ?? []
  return name === undefined ? items : items.filter((item) => item.name === name)
}

const unescaped = (text: string): string =>
  text
    .replaceAll('&#10;', '\n')
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

const notFound = (code: string, what: string) =>
  new Refusal(code, 'Resource Not Found', `${what} not found`)

function send(
  response: ServerResponse,
  status: number,
  inner: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/xml', ...headers })
  response.end(status === 204 ? '' : responseXml(inner))
}
