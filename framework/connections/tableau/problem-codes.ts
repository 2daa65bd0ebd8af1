export const problemCodes = {
  'invalid-tableau':
    'The `url` of a Tableau connection is not the address of its server. Correct it in the YAML.',
  'tableau-denied':
    'Tableau rejected the personal access token. It may be wrong, expired, unused for 15 days, or of another site. Create one in Tableau under My Account Settings, and set `token_name` and `token`.',
  'tableau-forbidden':
    'The user of the token lacks a right in Tableau. Give the user the capability that is named, or the site role Explorer (can publish).',
  'tableau-moved':
    "Tableau sends the sign-in to another address: another domain, plain http, or in a circle. If it is right, set the connection's `url` to it.",
  'tableau-not-answering':
    "Tableau gave no valid answer for about a minute. Check that it runs and that the connection's `url` is its address.",
  'tableau-refused': "Tableau refused a request. The detail is Tableau's own message.",
  'tableau-too-old':
    'This Tableau has a REST API that is older than 3.6 (Tableau Server 2019.3), which has no personal access tokens.',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
