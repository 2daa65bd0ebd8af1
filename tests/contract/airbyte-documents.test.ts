import { expect, test } from 'vitest'
import { AirbyteBench } from '../rig/airbyte/bench.ts'
import { OpenApiDocuments } from '../rig/airbyte/openapi.ts'

const shared = process.env.ASSETS_SHARED

test.skipIf(shared === undefined)(
  "requests and responses match Airbyte's OpenAPI documents (needs ASSETS_SHARED)",
  async () => {
    const bench = await AirbyteBench.open()
    const { fake } = bench
    fake.plan({ statuses: ['pending', 'running', 'incomplete'], attempts: 2 })
    await bench.connection.probe([])
    await bench.sync()
    fake.plan({ ends: 'failed', failure: { message: 'no', type: 'config_error' } })
    await bench.sync({ all: { reasons: ['code'] } })
    fake.plan({ statuses: Array(9).fill('running') })
    bench.time.meanwhile = () => bench.interrupt.abort()
    await bench.sync({ all: { reasons: ['code'] } })
    const routes = new Set(fake.calls)
    expect([...routes].sort()).toEqual([
      'DELETE /jobs/{id}',
      'GET /connections/{id}',
      'GET /jobs',
      'GET /jobs/{id}',
      'POST /applications/token',
      'POST /jobs',
      'internal',
    ])
    expect(fake.judged).toBe(fake.calls.length)
    expect(fake.violations).toEqual([])
    await bench.close()
  },
)

test.skipIf(shared === undefined)(
  'a mismatch with those documents is reported (needs ASSETS_SHARED)',
  () => {
    const oracle = new OpenApiDocuments(shared!)
    const job = { jobId: 1, status: 'running', jobType: 'sync', startTime: '', connectionId: '' }
    const exchange = {
      document: 'public',
      method: 'GET',
      path: '/jobs/1',
      query: [],
      request: null,
      status: 200,
    } as const
    expect(oracle.check({ ...exchange, response: job })).toEqual([])
    const { jobId, ...rest } = job
    const slips = [
      { ...rest, jobID: jobId },
      { ...job, status: 'done' },
      { ...job, jobId: '1' },
    ]
    expect(slips.map((response) => oracle.check({ ...exchange, response }))).toEqual([
      ['GET /jobs/1: response.jobId is missing', 'GET /jobs/1: response.jobID is not documented'],
      ['GET /jobs/1: response.status is done'],
      ['GET /jobs/1: response.jobId is not of type integer'],
    ])
    expect(oracle.check({ ...exchange, path: '/job/1', response: job })).toEqual([
      'GET /job/1 is not documented',
    ])
    expect(
      oracle.check({ ...exchange, path: '/jobs', query: ['page'], response: { data: [] } }),
    ).toEqual(['GET /jobs: no query page'])
  },
)
