/** The problem codes of this room, with meaning and remedy. `PROBLEMS.md` is generated from them. */
export const problemCodes = {
  'secret-denied':
    'The role or user may not read the secret. Allow `secretsmanager:GetSecretValue`, and `kms:Decrypt` if the secret has its own key.',
  'secret-failed':
    'AWS Secrets Manager reported another error. The detail shows it; fix its cause, then run the command again.',
  'secret-missing':
    'The secret does not exist in this account and region. Create it, or check its name and `AWS_REGION`.',
  'secrets-credentials':
    'There are no valid AWS credentials. Log in with `aws sso login`, or set `AWS_PROFILE` or the access key variables.',
  'secrets-region': 'No AWS region is set. Set `AWS_REGION` in the environment or in `.env`.',
  'secrets-unreachable':
    'AWS Secrets Manager did not respond. Check the network and `AWS_REGION`, then run the command again.',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
