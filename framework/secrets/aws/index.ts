import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { quietAwsSdk } from '../../lib/aws-sdk.ts'
import { fail, ok } from '../../model/problem.ts'
import type { Secrets } from '../../ports/secrets.ts'
import { secretProblem } from './problems.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Milliseconds for reading one secret, including retries and finding credentials. */
const TIMEOUT = 20_000

/**
 * Reads secrets from AWS Secrets Manager. Region, endpoint and credentials come from the environment, which
 * includes `.env`. The SDK finds missing ones itself (profiles, the role of a task or machine).
 * Problems: `secret-missing`, `secret-denied`, `secret-failed`, `secrets-credentials`,
 * `secrets-region`, `secrets-unreachable`.
 */
export function createSecrets(env: Env, timeout = TIMEOUT): Secrets {
  let client: Promise<SecretsManagerClient> | null = null
  return {
    async read(name) {
      try {
        quietAwsSdk(process.env)
        const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager')
        client ??= connect(env)
        const command = new GetSecretValueCommand({ SecretId: name })
        const { SecretString, SecretBinary } = await (await client).send(command, {
          abortSignal: AbortSignal.timeout(timeout),
        })
        return ok(SecretString ?? Buffer.from(SecretBinary ?? []).toString())
      } catch (error) {
        return fail(secretProblem(error, name))
      }
    },
  }
}

async function connect(env: Env): Promise<SecretsManagerClient> {
  const { SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager')
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION
  const endpoint = env.AWS_ENDPOINT_URL_SECRETS_MANAGER || env.AWS_ENDPOINT_URL
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: key, AWS_SESSION_TOKEN: token } = env
  return new SecretsManagerClient({
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000 },
    ...(region ? { region } : {}),
    ...(endpoint ? { endpoint } : {}),
    ...(env.AWS_PROFILE ? { profile: env.AWS_PROFILE } : {}),
    ...(id && key
      ? {
          credentials: {
            accessKeyId: id,
            secretAccessKey: key,
            ...(token ? { sessionToken: token } : {}),
          },
        }
      : {}),
  })
}
