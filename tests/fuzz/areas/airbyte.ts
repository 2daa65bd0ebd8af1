import { createApi, createInternalApi } from '../../../framework/connections/airbyte/api.ts'
import type { ApiClient } from '../../../framework/connections/airbyte/client.ts'
import { compareSetup } from '../../../framework/connections/airbyte/compare-setup.ts'
import {
  readConnectors,
  readResults,
  resultOfStream,
} from '../../../framework/connections/airbyte/job-results.ts'
import { probeOf } from '../../../framework/connections/airbyte/probe-streams.ts'
import type { AirbyteSettings } from '../../../framework/connections/airbyte/settings.ts'
import type { Json } from '../../../framework/lib/json.ts'
import { stream } from '../../rig/load.ts'
import type { Area } from '../area.ts'
import { mutateJson } from '../mutate.ts'

const job = {
  jobId: 5,
  status: 'succeeded',
  jobType: 'sync',
  startTime: '2023-03-25T01:30:50Z',
  rowsSynced: 3,
  bytesSynced: 9,
}
const stats = {
  streamName: 'payment',
  streamNamespace: 'public',
  recordsCommitted: 3,
  stats: { recordsCommitted: 3 },
}
const ANSWER: Json = {
  ...job,
  data: [job, { ...job, jobId: 4, jobType: 'reset' }],
  ...{ status: 'active', workspaceId: 'w', prefix: 'raw_', statusReason: '' },
  configurations: {
    streams: [
      {
        ...{
          name: 'payment',
          namespace: 'public',
          syncMode: 'incremental_deduped_history',
          cursorField: ['id'],
        },
        ...{ primaryKey: [['id'], ['a', 'b']], selectedFields: [{ fieldPath: ['id'] }] },
      },
    ],
  },
  job: {
    streamAggregatedStats: [stats],
    ...{
      sourceDefinition: { dockerRepository: 'airbyte/source-postgres', dockerImageTag: '3.6.1' },
    },
  },
  attempts: [
    {
      attempt: {
        streamStats: [stats],
        failureSummary: {
          failures: [
            {
              streamDescriptor: { name: 'payment', namespace: 'public' },
              failureType: 'config_error',
              externalMessage: 'm',
            },
          ],
        },
      },
    },
  ],
  streamStatuses: [
    { streamName: 'payment', streamNamespace: 'public', runState: 'COMPLETE', attemptNumber: 0 },
  ],
}

const settings = {
  name: 'air',
  connectionId: 'c',
  schema: 'public',
  prefix: 'raw_',
  configUrl: 'http://a',
  url: 'http://a',
} as AirbyteSettings
const streams = [stream('payment')]

/** An answer of Airbyte to each of the calls. */
export const airbyte: Area = {
  name: 'airbyte',
  input: (random) => JSON.stringify(mutateJson(random, ANSWER)),
  read: async (input) => {
    const body = JSON.parse(input) as Json
    const client: ApiClient = {
      read: async () => ({ ok: true, value: body }),
      send: async () => ({ reply: 'ok', body }),
    } as unknown as ApiClient
    const api = createApi(settings, client)
    const setup = await api.setup()
    if (setup.ok) compareSetup(streams, setup.value, settings)
    const jobs = await api.jobs()
    if (jobs.ok) probeOf(jobs.value, body, true, 1_700_000_000_000)
    await api.job(5)
    await api.start(new AbortController().signal)
    const ask = createInternalApi(settings, client)
    const results = await readResults(ask, 5, 'c', 'w')
    if (results !== null) for (const one of streams) resultOfStream(one, results, 'public')
    await readConnectors(ask, 5)
  },
}
