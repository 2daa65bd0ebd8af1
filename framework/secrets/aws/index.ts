import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { quietAwsSdk } from '../../lib/aws-sdk.ts'
import { fail, ok } from '../../model/problem.ts'
import type { Secrets } from '../../ports/secrets.ts'
import { secretProblem } from './problems.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Milliseconds for one secret, with every retry and with finding out who we are. */
const DEADLINE = 20_000

/**
 * AWS Secrets Manager. Region, endpoint and credentials are those of the environment, which may come
 * from `.env`; what it lacks the SDK looks for itself (profiles, the role of a task or machine).
 */
export function createSecrets(env: Env, deadline = DEADLINE): Secrets {
  let client: Promise<SecretsManagerClient> | null = null
  return {
    async read(name) {
      try {
        quietAwsSdk(process.env)
        const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager')
        client ??= connect(env)
        const command = new GetSecretValueCommand({ SecretId: name })
        const { SecretString, SecretBinary } = await (await client).send(command, {
          abortSignal: AbortSignal.timeout(deadline),
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
