import { z } from 'zod'
import { SIZE } from '../../lib/bytes.ts'
import { DURATION } from '../../lib/duration.ts'
import { TARGET_SCHEMA_HELP } from '../../model/raw-relation.ts'
import type { Declaration } from '../../ports/declaration.ts'
import { longText } from '../../ports/fields.ts'

const text = longText.min(1)
const duration = z.string().regex(DURATION, 'a duration such as 90m or 6h')

export const declaration: Declaration = {
  fields: {
    url: text
      .default('https://api.airbyte.com/v1')
      .describe(
        "URL of Airbyte's public API: https://api.airbyte.com/v1 for Airbyte Cloud, or the URL of a self-managed Airbyte.",
      ),
    connection_id: text.describe('ID of the Airbyte connection whose sync loads the streams.'),
    client_id: text
      .optional()
      .describe('ID of an Airbyte application. Requires client_secret. Used to fetch a token.'),
    client_secret: text.optional().describe('Secret of the Airbyte application.'),
    username: text
      .optional()
      .describe(
        'User of an old self-managed Airbyte with basic authentication. Requires password.',
      ),
    password: text.optional().describe('Password of that user.'),
    token: text.optional().describe('Access token. assets does not renew it.'),
    config_url: text
      .optional()
      .describe(
        "URL of Airbyte's internal API, which reports the result of each stream. Default: derived from url for a self-managed Airbyte, none for Airbyte Cloud.",
      ),
    schema: text
      .optional()
      .describe('Source schema of streams without a namespace. Default: any schema.'),
    target_schema: text.optional().describe(TARGET_SCHEMA_HELP),
    prefix: text
      .optional()
      .describe("Prefix of the table names, equal to the connection's prefix in Airbyte."),
    adopt: z
      .boolean()
      .optional()
      .describe('Whether to use syncs that were started outside assets. Default: true.'),
    timeout: duration
      .optional()
      .describe('How long to wait for a sync. The sync keeps running afterwards. Default: 24h.'),
    poll_interval: duration
      .optional()
      .describe('First interval between two polls of a running sync. Default: 2s.'),
    max_poll_interval: duration
      .optional()
      .describe('Longest interval between two polls of a running sync. Default: 30s.'),
    source: z
      .strictObject({
        url: z
          .string()
          .optional()
          .describe('URL of the source: postgres://user:password@host:port/database.'),
        slot: text.optional().describe('Replication slot. Default: airbyte_slot.'),
        publication: text.optional().describe('Publication. Default: airbyte_publication.'),
        disk: z
          .string()
          .regex(SIZE, 'a size such as 20GB')
          .optional()
          .describe("Size of the server's disk, which an unread replication slot can fill."),
      })
      .optional()
      .describe(
        'The PostgreSQL source that Airbyte reads by change data capture. Only `assets doctor` uses it.',
      ),
  },
}
