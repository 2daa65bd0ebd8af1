import type { Problem } from '../../model/problem.ts'

const STORE = 'AWS Secrets Manager'

/** An error of the SDK or the service. `name` is the name of the API's error. */
interface AwsError {
  readonly name: string
  readonly message: string
  readonly code?: string
}

/** The problem for an error while reading a secret. */
export function secretProblem(error: unknown, secret: string): Problem {
  const { name, message, code = '' }: AwsError = error instanceof Error ? error : awsErrorOf(error)
  const detail = message === '' ? code || name : message
  if (/^(ResourceNotFound|InvalidRequest)Exception$/.test(name)) {
    return {
      code: 'secret-missing',
      message: `${STORE} has no secret ${secret} in this account and region`,
      detail,
      hint: `create it (aws secretsmanager create-secret --name ${secret}), or check its name and AWS_REGION`,
    }
  }
  if (/^(AccessDenied(Exception)?|DecryptionFailure(Exception)?)$/.test(name)) {
    return {
      code: 'secret-denied',
      isAccessFault: true,
      message: `${STORE} denied access to the secret ${secret}`,
      detail,
      hint: 'allow this role or user secretsmanager:GetSecretValue on the secret, and kms:Decrypt if it is encrypted with a custom key',
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
      isAccessFault: true,
      message: `${STORE} has no valid credentials to read the secret ${secret}`,
      detail,
      hint: 'log in (aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; a task or machine in AWS needs a role',
    }
  }
  if (/region is missing/i.test(message)) {
    return {
      code: 'secrets-region',
      message: `${STORE} needs a region to read the secret ${secret}, but none is set`,
      hint: 'set AWS_REGION in the environment or in .env',
    }
  }
  if (/^(Timeout|Abort)Error$/.test(name) || /^E[A-Z]+$/.test(code)) {
    return {
      code: 'secrets-unreachable',
      isAccessFault: true,
      message: `${STORE} did not respond to the request for the secret ${secret}`,
      detail,
      hint: 'check the network and AWS_REGION (a private subnet needs a NAT gateway or an endpoint for secretsmanager), then run the same command again',
      transient: true,
    }
  }
  return {
    code: 'secret-failed',
    message: `${STORE} failed to read the secret ${secret}`,
    detail: `${name}: ${detail}`,
    hint: 'fix the cause that the error above names, then run the same command again',
  }
}

function awsErrorOf(error: unknown): AwsError {
  return { name: 'Error', message: String(error) }
}
