import type { Loan } from '../../ports/warehouse.ts'
import type { Login } from './login.ts'
import type { SnowflakeSettings } from './settings.ts'

/**
 * The environment variables that the output `prod` of dbt's profile reads. Secrets have dbt's prefix
 * DBT_ENV_SECRET_, which keeps their values out of its logs and artifacts. Every variable is set, even if
 * empty, so none is inherited from another target.
 */
export function dbtEnv(settings: SnowflakeSettings): Loan['env'] {
  const url = settings.accessUrl === null ? null : new URL(settings.accessUrl)
  return {
    // With an access URL, the account is the first part of its host name.
    SNOWFLAKE_ACCOUNT: settings.account ?? url?.hostname.split('.')[0] ?? '',
    SNOWFLAKE_USER: settings.user ?? '',
    SNOWFLAKE_ROLE: settings.role ?? '',
    SNOWFLAKE_WAREHOUSE: settings.warehouse ?? '',
    SNOWFLAKE_DATABASE: settings.database,
    SNOWFLAKE_SCHEMA: settings.schema,
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
