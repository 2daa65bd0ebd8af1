export const problemCodes = {
  'invalid-tableau':
    'The `url` of a Tableau connection is not the address of its server, or `site` is not the name of a site. Correct it in the YAML.',
  'tableau-denied':
    'Tableau rejected the personal access token. It may be wrong, expired, unused for 15 days, or of another site. Create one in Tableau under My Account Settings, and set `token_name` and `token`.',
  'tableau-file-unreadable':
    'The file of an extract changed or went away while it was published. Run the same command again.',
  'tableau-forbidden':
    'The user of the token lacks a right in Tableau. Give the user the capability that is named, or the site role Explorer (can publish).',
  'tableau-job-failed':
    "Tableau's job failed, or someone cancelled it. The detail has its notes. The next run tries again.",
  'tableau-moved':
    "Tableau sends the sign-in to another address: another domain, plain http, or in a circle. If it is right, set the connection's `url` to it.",
  'tableau-name-taken':
    'A data source with the name exists in the project, and was not published from here. Choose another name, or set `mode: overwrite`.',
  'tableau-not-answering':
    "Tableau gave no valid answer for about a minute. Check that it runs and that the connection's `url` is its address.",
  'tableau-not-published':
    'Tableau says that a file is published, and does not show its data source. Check that the user of the token may view the project.',
  'tableau-outcome-unknown':
    'Tableau gave no clear answer to a request that must not be repeated, and shows no job of it. Run the same command again: it looks for the job first.',
  'tableau-refused': "Tableau refused a request. The detail is Tableau's own message.",
  'tableau-replaced':
    'Someone replaced a data source just after it was published. Find out who else publishes under its name.',
  'tableau-timeout':
    "A job has not ended within the connection's `timeout`. It keeps running, and the next run follows it.",
  'tableau-too-old':
    'This Tableau has a REST API that is older than 3.6 (Tableau Server 2019.3), which has no personal access tokens.',
  'tableau-unknown-name':
    'The site has no project, data source or workbook with the name, or several of them, or its user may not see it. Correct the name.',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
