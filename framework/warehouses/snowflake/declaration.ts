import { z } from 'zod'
import { SIZE } from '../../lib/bytes.ts'
import type { Declaration } from '../../ports/declaration.ts'

const text = (description: string) => z.string().optional().describe(description)
const seconds = (description: string) =>
  z.coerce.number().positive().max(604_800).optional().describe(description)

export const declaration: Declaration = {
  fields: {
    account: text('The account identifier, such as myorg-myaccount.'),
    user: text('The login name.'),
    role: text("The role to work as; the user's default role when left out."),
    warehouse: text("The virtual warehouse that runs queries; the user's default when left out."),
    database: text('The database of all relations.'),
    schema: text(
      "dbt's own schema, which its models' schemas are named after; ANALYTICS when left out.",
    ),
    connection: text(
      'A connection of connections.toml (in SNOWFLAKE_HOME or ~/.snowflake) that gives what is left out here.',
    ),
    private_key_path: text('A file with the private key in PEM format.'),
    private_key: text('The private key itself in PEM format.'),
    private_key_passphrase: text('What the private key is encrypted with.'),
    token: text(
      'A programmatic access token, or an OAuth access token where authenticator is oauth.',
    ),
    password: text("The user's password."),
    passcode: text('A passcode of a second factor, used with a password. dbt has no use for one.'),
    authenticator: text(
      'snowflake, snowflake_jwt, programmatic_access_token, oauth or username_password_mfa; told by what else is given when left out.',
    ),
    access_url: text('The URL of the service where it is not told by the account.'),
    statement_timeout: seconds('Seconds that one statement of ours may take; 3600 when left out.'),
    login_timeout: seconds('Seconds that logging in may take; 60 when left out.'),
    hash_up_to: z
      .string()
      .regex(SIZE, 'a size such as 5GB')
      .optional()
      .describe(
        'Tables up to this size are compared by their content, larger ones by their change token; 5GB when left out.',
      ),
  },
}
