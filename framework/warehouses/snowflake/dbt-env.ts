import type { DbtPlace, Loan } from '../../ports/warehouse.ts'
import type { Login } from './login.ts'
import type { SnowflakeSettings } from './settings.ts'

/** The account, database and schema as dbt's profile must have them. */
export function dbtPlace(settings: SnowflakeSettings): DbtPlace {
  const account = accountOf(settings)
  const { database, schema } = settings
  return {
    env: { SNOWFLAKE_ACCOUNT: account, SNOWFLAKE_DATABASE: database, SNOWFLAKE_SCHEMA: schema },
    keys: { type: 'snowflake', account, database },
  }
}

/** The account's name. With an access URL, it is the first part of the host name. */
function accountOf({ account, accessUrl }: SnowflakeSettings): string {
  return account ?? (accessUrl === null ? '' : new URL(accessUrl).hostname.split('.')[0]!)
}

/**
 * The environment variables that an output of dbt's profile can read. Secrets have dbt's prefix
 * DBT_ENV_SECRET_, which keeps their values out of its logs and artifacts. Every variable is set, even if
 * empty, so none is inherited from another target.
 */
export function dbtEnv(settings: SnowflakeSettings): Loan['env'] {
  const url = settings.accessUrl === null ? null : new URL(settings.accessUrl)
  return {
    ...dbtPlace(settings).env,
    SNOWFLAKE_USER: settings.user ?? '',
    SNOWFLAKE_ROLE: settings.role ?? '',
    SNOWFLAKE_WAREHOUSE: settings.warehouse ?? '',
    SNOWFLAKE_HOST: url?.hostname ?? '',
    SNOWFLAKE_PORT: url?.port || '0',
    SNOWFLAKE_PROTOCOL: url?.protocol.replace(':', '') ?? '',
    SNOWFLAKE_AUTHENTICATOR: '',
    SNOWFLAKE_PRIVATE_KEY_PATH: '',
    DBT_ENV_SECRET_SNOWFLAKE_PRIVATE_KEY: '',
    DBT_ENV_SECRET_SNOWFLAKE_PASSPHRASE: '',
    DBT_ENV_SECRET_SNOWFLAKE_PASSWORD: '',
    DBT_ENV_SECRET_SNOWFLAKE_TOKEN: '',
    ...loginEnv(settings.login),
  }
}

function loginEnv(login: Login): Loan['env'] {
  switch (login.how) {
    case 'key':
      return {
        ...('path' in login.key
          ? { SNOWFLAKE_PRIVATE_KEY_PATH: login.key.path }
          : { DBT_ENV_SECRET_SNOWFLAKE_PRIVATE_KEY: login.key.pem }),
        DBT_ENV_SECRET_SNOWFLAKE_PASSPHRASE: login.passphrase ?? '',
      }
    case 'access_token':
      return {
        SNOWFLAKE_AUTHENTICATOR: 'programmatic_access_token',
        DBT_ENV_SECRET_SNOWFLAKE_TOKEN: login.token,
      }
    case 'oauth':
      return { SNOWFLAKE_AUTHENTICATOR: 'oauth', DBT_ENV_SECRET_SNOWFLAKE_TOKEN: login.token }
    case 'password':
      return { DBT_ENV_SECRET_SNOWFLAKE_PASSWORD: login.password }
    case 'mfa':
      return {
        SNOWFLAKE_AUTHENTICATOR: 'username_password_mfa',
        DBT_ENV_SECRET_SNOWFLAKE_PASSWORD: login.password,
      }
  }
}
