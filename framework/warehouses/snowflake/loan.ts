import type { Loan } from '../../ports/warehouse.ts'
import type { Login } from './login.ts'
import type { Settings } from './settings.ts'

/**
 * What the output `prod` of dbt's profile reads. Secrets have dbt's own prefix for them: it keeps their
 * values out of its logs and out of what it writes. All are set, so that none is left from another target.
 */
export function loanEnv(settings: Settings): Loan['env'] {
  const url = settings.accessUrl === null ? null : new URL(settings.accessUrl)
  return {
    // With an address of its own the account is told by that.
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
