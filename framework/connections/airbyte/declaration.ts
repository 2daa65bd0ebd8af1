import { z } from 'zod'
import { SIZE } from '../../lib/bytes.ts'
import { DURATION } from '../../lib/duration.ts'
import type { Declaration } from '../../ports/declaration.ts'

const text = z.string().min(1)
const duration = z.string().regex(DURATION, 'a duration such as 90m or 6h')

export const declaration: Declaration = {
  fields: {
    url: text
      .default('https://api.airbyte.com/v1')
      .describe(
        "Airbyte's API: https://api.airbyte.com/v1 in the cloud, or where a self-managed one answers.",
      ),
    connection_id: text.describe('The connection whose sync loads the streams.'),
    client_id: text
      .optional()
      .describe('An application of Airbyte, with client_secret: a token is fetched for it.'),
    client_secret: text.optional().describe('The secret of that application.'),
    username: text
      .optional()
      .describe('For old self-managed versions that ask for a user, with password.'),
    password: text.optional().describe('The password of that user.'),
    token: text.optional().describe('A token that somebody else renews.'),
    config_url: text
      .optional()
      .describe(
        "Airbyte's internal API, which tells what became of each stream; found beside url when self-managed.",
      ),
    schema: text
      .optional()
      .describe('Schema in the source of streams that name no namespace; any when left out.'),
    target_schema: text
      .optional()
      .describe('Schema of the raw tables in the warehouse; raw when left out.'),
    prefix: text
      .optional()
      .describe('What the connection puts before the names of its tables, as set up in Airbyte.'),
    adopt: z
      .boolean()
      .optional()
      .describe('Whether a sync that somebody else started serves as well as one of ours (true).'),
    timeout: duration
      .optional()
      .describe('How long to wait for a sync before giving up; it runs on. 24h when left out.'),
    poll_interval: duration
      .optional()
      .describe('How often to ask how a sync is doing at first; 2s when left out.'),
    max_poll_interval: duration
      .optional()
      .describe('How often to ask in the long run; 30s when left out.'),
    source: z
      .strictObject({
        url: z
          .string()
          .optional()
          .describe('postgres://user:password@host:port/database of the source itself.'),
        slot: text.optional().describe('Its replication slot; airbyte_slot when left out.'),
        publication: text
          .optional()
          .describe('Its publication; airbyte_publication when left out.'),
        disk: z
          .string()
          .regex(SIZE, 'a size such as 20GB')
          .optional()
          .describe("Size of the server's disk, which a slot that nobody reads fills."),
      })
      .optional()
      .describe(
        'Where Airbyte reads by change data capture: what `assets doctor` looks at there. Nothing else uses it.',
      ),
  },
}
