import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Json } from '../../../framework/lib/json.ts'
import {
  CONNECTION_ID,
  debugInfo,
  type FakeJob,
  internalJob,
  isOver,
  type JobPlan,
  NAMESPACE,
  publicJob,
  type StreamEnd,
  streamStatuses,
  WORKSPACE_ID,
} from './jobs.ts'
import { type Exchange, OpenApiDocuments } from './openapi.ts'
import type { VirtualTime } from './virtual-time.ts'

/** A fault in the response to one request. */
export type Fault =
  | Broken
  /** A correct response after this many milliseconds. */
  | { readonly late: number }

interface Broken {
  /** Whether the request is executed anyway. */
  readonly works?: true
  readonly answer:
    | { readonly status: number; readonly json?: Json }
    /** A page instead of JSON. */
    | { readonly html: number }
    /** The connection breaks during the response. */
    | 'reset'
    /** No response before the timeout. */
    | 'silence'
}

export interface FakeStream {
  readonly name: string
  readonly syncMode: string
  readonly primaryKey?: readonly (readonly string[])[]
  readonly cursorField?: readonly string[]
  readonly selectedFields?: readonly { readonly fieldPath: readonly string[] }[]
}

export type FakeLogin = 'application' | 'password' | 'token' | 'nothing'

export const CREDENTIALS = {
  id: 'client-0da998a2',
  secret: 'not-to-be-shown-secret',
  user: 'airbyte',
  password: 'not-to-be-shown-password',
  token: 'not-to-be-shown-token',
} as const

const SOURCE_ID = '18dccc91-0ab1-4f72-9ed7-0b8fc27c5826'
const DESTINATION_ID = '744cc0ed-7f05-4949-9e60-2a814f90c035'
const INSTANCE = '/instance_configuration'

/** Longer than every timeout of a request. */
const SILENCE = 120_000

type Reply = { readonly status: number; readonly json: Json }
type Route =
  | 'POST /applications/token'
  | 'POST /jobs'
  | 'GET /jobs'
  | 'GET /jobs/{id}'
  | 'DELETE /jobs/{id}'
  | 'GET /connections/{id}'
  | 'GET /sources/{id}'
  | 'GET /destinations/{id}'
  | 'internal'

/**
 * A fake Airbyte with one connection: its public and its internal API over HTTP, with faults on demand. A
 * job advances by one status with each poll.
 */
export class FakeAirbyte {
  readonly jobs: FakeJob[] = []
  /** Every request, as `POST /jobs`. */
  readonly calls: string[] = []
  /** Requests and responses that do not match Airbyte's documents. */
  readonly violations: string[] = []
  streams: FakeStream[]
  status = 'active'
  login: FakeLogin = 'application'
  /** Lifetime of a token in seconds. */
  tokenLife = 900
  /** false for an old version, whose internal API does not answer. */
  hasInternalApi = true
  versions = { source: '3.6.1', destination: '4.0.2' }
  /**
   * Writes the tables of a sync. Returns the records of each stream, all complete. Streams in `whole` are read from
   * their beginning.
   */
  onSync: (
    streams: readonly string[],
    jobId: number,
    whole: ReadonlySet<string>,
  ) => Promise<Readonly<Record<string, number>>> = async (streams) =>
    Object.fromEntries(streams.map((name) => [name, 1]))
  /**
   * Whether a sync that moves no record of a stream forgets its position, as some sources do. The next one reads all
   * its rows.
   */
  forgetsPosition: (stream: string) => boolean = () => false
  readonly #forgotten = new Set<string>()
  /** Called for each request. */
  onCall: (route: string) => void = () => {}
  readonly #time: VirtualTime
  readonly #oracle: OpenApiDocuments | null
  readonly #faults = new Map<Route, Fault[]>()
  readonly #plans: JobPlan[] = []
  readonly #tokens = new Map<string, number>()
  readonly #server: Server
  #next = 9123

  private constructor(streams: readonly FakeStream[], time: VirtualTime) {
    this.streams = [...streams]
    this.#time = time
    const shared = process.env.ASSETS_SHARED
    this.#oracle = shared === undefined ? null : new OpenApiDocuments(shared)
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  static async start(streams: readonly FakeStream[], time: VirtualTime): Promise<FakeAirbyte> {
    const fake = new FakeAirbyte(streams, time)
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The number of exchanges that were checked against Airbyte's documents. */
  get judged(): number {
    return this.#oracle?.checked ?? 0
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  /** Sets the faults of the next requests of a route, one after another. */
  fault(route: Route, ...faults: readonly Fault[]): void {
    this.#faults.set(route, [...(this.#faults.get(route) ?? []), ...faults])
  }

  /** Sets the plans of the next jobs. */
  plan(...plans: readonly JobPlan[]): void {
    this.#plans.push(...plans)
  }

  /** Starts a job outside assets, `age` milliseconds ago. */
  begin(plan: JobPlan = {}, age = 0): FakeJob {
    return this.#create(plan, this.#time.now - age)
  }

  /** Ends a job. */
  async finish(job: FakeJob): Promise<void> {
    const { plan } = job
    const ends = plan.ends ?? 'succeeded'
    const names = this.streams.map(({ name }) => name)
    const syncs = ends === 'succeeded' && !plan.runsNothing
    const loaded = syncs ? await this.onSync(names, job.id, this.#forgotten) : {}
    for (const [name, records] of Object.entries(loaded)) {
      if (records === 0 && this.forgetsPosition(name)) this.#forgotten.add(name)
      else this.#forgotten.delete(name)
    }
    for (const name of names) {
      const planned = plan.streams?.[name]
      const records = loaded[name]
      const made: StreamEnd | null = records === undefined ? null : { state: 'COMPLETE', records }
      const end = planned === undefined ? made : planned
      if (end !== null) job.ends.set(name, end)
    }
    job.status = ends
  }

  /** Makes all issued tokens invalid. */
  revokeTokens(): void {
    this.#tokens.clear()
  }

  count(route: Route): number {
    return this.calls.filter((call) => call === route).length
  }

  #create(plan: JobPlan, createdAt: number): FakeJob {
    const left = [...(plan.statuses ?? ['running'])]
    const job = {
      id: this.#next++,
      plan,
      createdAt,
      status: left.shift() ?? 'running',
      left,
      ends: new Map(),
    }
    this.jobs.unshift(job)
    return job
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    const text = await bodyOf(request)
    const body = text === '' ? null : (JSON.parse(text) as Json)
    const isInternal = url.pathname.startsWith('/api/v1/')
    const path = url.pathname.replace(/^\/api\/(public\/)?v1/, '')
    const method = request.method ?? 'GET'
    const route = (
      isInternal
        ? 'internal'
        : `${method} ${path.replace(/(?<=^\/(jobs|connections|sources|destinations)\/).+/, '{id}')}`
    ) as Route
    this.calls.push(route)
    this.onCall(route)
    const fault = this.#faults.get(route)?.shift()
    const broken = fault !== undefined && 'answer' in fault ? fault : null
    if (broken !== null && broken.works === undefined) return this.#break(broken, response)
    const isKnown = route === 'POST /applications/token' || this.#isLoggedIn(request)
    const reply = isKnown
      ? await this.#answer(route, path, body)
      : { status: 401, json: problem(401, 'invalid-api-key') }
    if (broken !== null) return this.#break(broken, response)
    if (fault !== undefined && 'late' in fault) this.#time.advance(fault.late)
    this.#judge({
      document: isInternal ? 'internal' : 'public',
      method,
      path,
      query: [...url.searchParams.keys()],
      request: body,
      status: reply.status,
      response: reply.json,
    })
    send(response, reply)
  }

  #judge(exchange: Exchange): void {
    // The trimmed documents omit it.
    if (this.#oracle === null || exchange.path === INSTANCE) return
    this.violations.push(...this.#oracle.check(exchange))
  }

  #break({ answer }: Broken, response: ServerResponse): void {
    if (answer === 'silence') {
      this.#time.advance(SILENCE)
    } else if (answer === 'reset') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 })
      response.write('{"jobId": 91')
      response.socket?.resetAndDestroy()
    } else if ('html' in answer) {
      response.writeHead(answer.html, { 'content-type': 'text/html' })
      response.end('<!doctype html><title>Bad gateway</title>')
    } else {
      send(response, {
        status: answer.status,
        json: answer.json ?? problem(answer.status, 'unexpected-problem'),
      })
    }
  }

  #isLoggedIn({ headers }: IncomingMessage): boolean {
    const given = headers.authorization
    switch (this.login) {
      case 'nothing':
        return true
      case 'password': {
        const pair = `${CREDENTIALS.user}:${CREDENTIALS.password}`
        return given === `Basic ${Buffer.from(pair).toString('base64')}`
      }
      case 'token':
        return given === `Bearer ${CREDENTIALS.token}`
      case 'application':
        return (this.#tokens.get(given ?? '') ?? 0) > this.#time.now
    }
  }

  async #answer(route: Route, path: string, body: Json): Promise<Reply> {
    switch (route) {
      case 'POST /applications/token':
        return this.#token(body)
      case 'GET /connections/{id}':
        return path.endsWith(CONNECTION_ID)
          ? { status: 200, json: this.#connection() }
          : { status: 404, json: problem(404, 'resource-not-found') }
      case 'GET /sources/{id}':
        return { status: 200, json: end('source', SOURCE_ID, 'dvd_rental RDS', 'postgres') }
      case 'GET /destinations/{id}':
        return { status: 200, json: end('destination', DESTINATION_ID, 'DVD_RENTAL', 'snowflake') }
      case 'GET /jobs':
        return { status: 200, json: { data: this.jobs.map(publicJob) } }
      case 'POST /jobs':
        return this.#start()
      case 'GET /jobs/{id}':
      case 'DELETE /jobs/{id}': {
        const job = this.jobs.find(({ id }) => id === Number(path.split('/').at(-1)))
        if (job === undefined) return { status: 404, json: problem(404, 'resource-not-found') }
        if (route === 'GET /jobs/{id}') await this.#goOn(job)
        // Airbyte cancels the running job, even if the request names another one.
        else for (const one of this.jobs) if (!isOver(one)) one.status = 'cancelled'
        return { status: 200, json: publicJob(job) }
      }
      case 'internal':
        return this.hasInternalApi
          ? this.#internal(path, body)
          : { status: 404, json: problem(404, 'not-found') }
      default:
        return { status: 404, json: problem(404, 'not-found') }
    }
  }

  #token(body: Json): Reply {
    const { client_id, client_secret, ...grants } = body as Record<string, Json>
    const isKnown = client_id === CREDENTIALS.id && client_secret === CREDENTIALS.secret
    if (this.login !== 'application') return { status: 404, json: problem(404, 'not-found') }
    if (!isKnown || !('grant-type' in grants))
      return { status: 401, json: problem(401, 'invalid-api-key') }
    const token = `access-${this.#tokens.size}-${this.calls.length}`
    this.#tokens.set(`Bearer ${token}`, this.#time.now + this.tokenLife * 1000)
    return {
      status: 200,
      json: { access_token: token, token_type: 'Bearer', expires_in: this.tokenLife },
    }
  }

  #start(): Reply {
    if (this.status !== 'active') return conflict('state-conflict', 'The connection is inactive.')
    const running = this.jobs.find((job) => !isOver(job))
    if (running?.status === 'queued') return { status: 200, json: publicJob(running) }
    if (running !== undefined) return conflict('try-again-later', 'A sync is already running.')
    return { status: 200, json: publicJob(this.#create(this.#plans.shift() ?? {}, this.#time.now)) }
  }

  async #goOn(job: FakeJob): Promise<void> {
    if (isOver(job)) return
    const next = job.left.shift()
    if (next === undefined) await this.finish(job)
    else job.status = next
  }

  #connection(): Json {
    const streams = this.streams.map(({ name, ...rest }) => ({
      name,
      namespace: NAMESPACE,
      ...rest,
    }))
    return {
      connectionId: CONNECTION_ID,
      name: 'dvd_rental → Snowflake',
      sourceId: SOURCE_ID,
      destinationId: DESTINATION_ID,
      workspaceId: WORKSPACE_ID,
      status: this.status,
      schedule: { scheduleType: 'manual' },
      configurations: { streams: streams as unknown as Json },
      createdAt: 1,
      tags: [],
    }
  }

  #internal(path: string, body: Json): Reply {
    if (path === INSTANCE) return { status: 200, json: { version: '1.8.2', edition: 'community' } }
    const { id, jobId } = body as Record<string, Json>
    const job = this.jobs.find((one) => one.id === (id ?? jobId))
    if (job === undefined) return { status: 404, json: problem(404, 'not-found') }
    switch (path) {
      case '/jobs/get_without_logs':
        return { status: 200, json: internalJob(job) }
      case '/jobs/get_debug_info':
        return { status: 200, json: debugInfo(job, this.versions) }
      case '/stream_statuses/list':
        return { status: 200, json: { streamStatuses: streamStatuses(job) } }
      default:
        return { status: 404, json: problem(404, 'not-found') }
    }
  }
}

/** The source or the destination, as the public API reports it. */
function end(what: 'source' | 'destination', id: string, name: string, type: string): Json {
  return {
    [`${what}Id`]: id,
    name,
    [`${what}Type`]: type,
    definitionId: 'decd338e-5647-4c0b-adf4-da0e75f5a750',
    workspaceId: WORKSPACE_ID,
    configuration: {},
    createdAt: 1,
  }
}

function problem(status: number, title: string, detail = ''): Json {
  return { status, type: `https://reference.airbyte.com/reference/errors#${title}`, title, detail }
}

const conflict = (title: string, detail: string): Reply => ({
  status: 409,
  json: problem(409, title, detail),
})

function send(response: ServerResponse, { status, json }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(json))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
