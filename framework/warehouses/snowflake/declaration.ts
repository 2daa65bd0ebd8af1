import { z } from 'zod'
import { SIZE } from '../../lib/bytes.ts'
import type { Declaration } from '../../ports/declaration.ts'
import { pathField } from '../../ports/fields.ts'

const text = (description: string) => z.string().optional().describe(description)
const seconds = (description: string) =>
  z.coerce.number().positive().max(604_800).optional().describe(description)

export const declaration: Declaration = {
  fields: {
    account: text('Account identifier, such as myorg-myaccount.'),
    user: text('Login name.'),
    role: text("Role to use. Default: the user's default role."),
    warehouse: text("Virtual warehouse that runs queries. Default: the user's default warehouse."),
    database: text('Database of all relations.'),
    schema: text(
      "Schema of dbt's profile. dbt puts it before the schema names of models. Default: ANALYTICS.",
    ),
    connection: text(
      'Name of a connection in connections.toml (in SNOWFLAKE_HOME or ~/.snowflake). It supplies the settings that are missing here.',
    ),
    private_key_path: pathField('anywhere', 'File with the private key in PEM format.').optional(),
    private_key: text('Private key in PEM format.'),
    private_key_passphrase: text('Passphrase of the private key.'),
    token: text('Programmatic access token, or OAuth access token with `authenticator: oauth`.'),
    password: text('Password of the user.'),
    passcode: text('Passcode of a second factor, used with a password. dbt does not support it.'),
    authenticator: text(
      'snowflake, snowflake_jwt, programmatic_access_token, oauth or username_password_mfa. Default: the one for the given key, token or password.',
    ),
    access_url: text('URL of the service. Default: the URL of the account.'),
    statement_timeout: seconds(
      'Seconds after which a statement of assets is cancelled. Default: 3600.',
    ),
    login_timeout: seconds('Seconds after which a login fails. Default: 60.'),
    hash_up_to: z
      .string()
      .regex(SIZE, 'must be a size such as 5GB')
      .optional()
      .describe(
        'Tables up to this size are compared by content, larger ones by change token. Default: 5GB.',
      ),
  },
}
