import type { Problem } from '../../model/problem.ts'

const STORE = 'AWS Secrets Manager'

/** What the SDK and the service say of a failure (the names are those of the API's errors). */
interface Failure {
  readonly name: string
  readonly message: string
  readonly code?: string
}

/** Why a secret could not be read. */
export function secretProblem(error: unknown, secret: string): Problem {
  const { name, message, code = '' }: Failure = error instanceof Error ? error : bare(error)
  const detail = message === '' ? code || name : message
  if (/^(ResourceNotFound|InvalidRequest)Exception$/.test(name)) {
    return {
      code: 'secret-missing',
      message: `${STORE} has no secret ${secret} in this account and region`,
      detail,
      hint: `make it (aws secretsmanager create-secret --name ${secret}), or check AWS_REGION and the name`,
    }
  }
  if (/^(AccessDenied(Exception)?|DecryptionFailure(Exception)?)$/.test(name)) {
    return {
      code: 'secret-denied',
      message: `${STORE} does not let us read the secret ${secret}`,
      detail,
      hint: 'allow this role or user secretsmanager:GetSecretValue on it, and kms:Decrypt if it has a key of its own',
    }
  }
  if (
    /^(CredentialsProviderError|TokenProviderError)$/.test(name) ||
    /^(UnrecognizedClient|InvalidClientTokenId|ExpiredToken|InvalidSignature|SignatureDoesNotMatch|MissingAuthenticationToken|IncompleteSignature)(Exception)?$/.test(
      name,
    )
  ) {
    return {
      code: 'secrets-credentials',
      message: `${STORE} needs credentials to read the secret ${secret}, and there are none that it takes`,
      detail,
      hint: 'log in (aws sso login), set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; a task or machine in AWS needs a role',
    }
  }
  if (/region is missing/i.test(message)) {
    return {
      code: 'secrets-region',
      message: `the secret ${secret} is in ${STORE}, and no region is known`,
      hint: 'set AWS_REGION, or the variable that stands before the secret in assets.yaml: in the environment or in .env',
    }
  }
  if (/^(Timeout|Abort)Error$/.test(name) || /^E[A-Z]+$/.test(code)) {
    return {
      code: 'secrets-unreachable',
      message: `${STORE} did not answer when asked for the secret ${secret}`,
      detail,
      hint: 'check the network and AWS_REGION (a private subnet needs a NAT gateway or an endpoint for secretsmanager), then run the same command again',
      transient: true,
    }
  }
  return {
    code: 'secret-failed',
    message: `${STORE} could not give the secret ${secret}`,
    detail: `${name}: ${detail}`,
    hint: 'what it says above is its own; run the same command again when it is mended',
  }
}

function bare(error: unknown): Failure {
  return { name: 'Error', message: String(error) }
}
