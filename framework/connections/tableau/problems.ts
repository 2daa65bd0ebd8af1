import type { Problem } from '../../model/problem.ts'
import type { Publisher } from './description.ts'
import { shortId } from './receipts.ts'
import type { TableauSettings } from './settings.ts'

type Label = Pick<TableauSettings, 'name' | 'url'>

/** An error of the API. */
export interface Refusal {
  readonly status: number
  /** Six digits, the first three of them the status: `401001`. Empty if there is none. */
  readonly code: string
  readonly summary: string
  readonly detail: string
}

/** The workbook or data source has no extract. */
const NO_EXTRACT = '409090'

const service = ({ name, url }: Label) => `connection ${name}: Tableau at ${url}`

export function notAnswering(settings: Label, detail: string): Problem {
  return {
    code: 'tableau-not-answering',
    isAccessFault: true,
    message: `${service(settings)} gave no valid answer`,
    ...(detail === '' ? {} : { detail }),
    hint: "check that it is running, and that the connection's url is its address, without the path of a page",
    transient: true,
  }
}

/** The sign-in was refused. */
export function signInDenied(settings: TableauSettings, { code, detail }: Refusal): Problem {
  const site = settings.site === '' ? 'the default site' : `site ${settings.site}`
  return {
    code: 'tableau-denied',
    isAccessFault: true,
    message: `${service(settings)} rejected the token ${settings.tokenName} for ${site} (${code})`,
    ...(detail === '' ? {} : { detail }),
    hint: "compare token_name, token and site with Tableau; if the token has ended (15 days without use, or the site's limit), create another one under My Account Settings",
  }
}

/** A session ended twice in a row. */
export function sessionLost(settings: TableauSettings): Problem {
  return {
    code: 'tableau-denied',
    isAccessFault: true,
    message: `${service(settings)} ended the session of the token ${settings.tokenName} at once`,
    hint: 'something else signs in with this token, which ends our session: create a token that nothing else uses',
  }
}

export function requestRefused(settings: Label, what: string, refusal: Refusal): Problem {
  const { status, code, summary, detail } = refusal
  const said = [summary, detail].filter((part) => part !== '').join(': ')
  if (status === 403) {
    return {
      code: 'tableau-forbidden',
      message: `${service(settings)} does not let the user of the token ${what} (${code})`,
      ...(said === '' ? {} : { detail: said }),
      hint: 'give this user the right in the project, and the site role Explorer (can publish) or higher',
    }
  }
  return {
    code: 'tableau-refused',
    message: `${service(settings)} refused to ${what} (${code === '' ? `status ${status}` : code})`,
    ...(said === '' ? {} : { detail: said }),
    hint:
      code === NO_EXTRACT
        ? 'it has no extract, so there is nothing to refresh: make one, or delete the asset'
        : 'correct what Tableau says in the detail',
  }
}

/** The server sends the sign-in elsewhere, and the token does not follow. */
export function moved(settings: Label, to: string): Problem {
  return {
    code: 'tableau-moved',
    message: `${service(settings)} sends the sign-in to ${to}`,
    hint: 'if that is your Tableau, set url of the connection to it; the token goes only over https to a host beside it, such as another pod of Tableau Cloud',
  }
}

export function tooOld(settings: Label, version: string): Problem {
  return {
    code: 'tableau-too-old',
    message: `${service(settings)} has REST API ${version}; personal access tokens need 3.6`,
    hint: 'use Tableau Server 2019.3 or later, or Tableau Cloud',
  }
}

/** A name of the YAML that the site does not have. `similar`: the nearest one; null if none is near. */
export function unknownName(
  settings: Label,
  word: 'project' | 'data source' | 'workbook',
  name: string,
  similar: string | null,
  names: readonly string[],
): Problem {
  const some = [...new Set(names)].slice(0, 5).join(', ')
  const known =
    some === ''
      ? `this user sees no ${word} there: give it View, or correct site`
      : `it has ${some}`
  return {
    code: 'tableau-unknown-name',
    message: `${service(settings)} has no ${word} ${name} that the user of the token may see`,
    hint: similar === null ? known : `did you mean ${similar}?`,
  }
}

/** A name that several have. `places`: the paths, or the projects, of these. */
export function ambiguousName(
  settings: Label,
  word: 'project' | 'data source' | 'workbook',
  name: string,
  places: readonly string[],
): Problem {
  return {
    code: 'tableau-unknown-name',
    message: `${service(settings)} has ${places.length} ${word}s with the name ${name}`,
    hint:
      word === 'project'
        ? `write the path: ${places.join(' or ')}`
        : `set \`project:\` to one of ${places.join(', ')}`,
  }
}

/** Something that was not published from here has the name. */
export function nameTaken(
  settings: Label,
  name: string,
  project: string,
  owner: Publisher | null,
): Problem {
  const by =
    owner === null
      ? 'that was not published by assets'
      : `that was published by ${owner.asset} of ${owner.project} on ${owner.target}`
  return {
    code: 'tableau-name-taken',
    message: `${service(settings)} has a data source ${name} in project ${project} ${by}`,
    hint: 'choose another `name:`, or set `mode: overwrite` to replace it',
  }
}

/** Two assets publish under one name. */
export function nameShared(settings: Label, name: string, asset: string, other: string): Problem {
  return {
    code: 'tableau-name-taken',
    message: `${service(settings)}: ${asset} and ${other} both publish ${name} to one project`,
    hint: 'give one of them another `name:`',
  }
}

export function jobFailed(
  settings: Label,
  { id, outcome, notes }: { readonly id: string; readonly outcome: string; readonly notes: string },
  what: string,
): Problem {
  return {
    code: 'tableau-job-failed',
    message: `${service(settings)}: job ${shortId(id)}, ${what}, ${outcome === 'cancelled' ? 'was cancelled at Tableau' : 'failed'}`,
    ...(notes === '' ? {} : { detail: notes }),
    hint: 'the jobs page of the site shows more; the next run tries again',
  }
}

export function jobTimedOut(settings: Label, id: string, what: string, waited: string): Problem {
  return {
    code: 'tableau-timeout',
    message: `${service(settings)}: job ${shortId(id)}, ${what}, has not ended after ${waited}`,
    hint: "it keeps running, and the next run follows it; to wait longer, raise the connection's timeout",
  }
}

/** Others refresh it all the time, and this user can't list jobs to follow theirs. */
export function stillRunning(settings: Label, name: string): Problem {
  return {
    code: 'tableau-timeout',
    message: `${service(settings)}: others are still refreshing ${name}`,
    hint: "wait for the end, or raise the connection's timeout",
  }
}

/** A request got no clear answer, and nothing shows that it was carried out. */
export function outcomeUnknown(settings: Label, what: string): Problem {
  return {
    code: 'tableau-outcome-unknown',
    message: `${service(settings)} gave no clear answer to the request to ${what}, and shows no job of it`,
    hint: 'run the same command again: it looks for the job before it asks again',
  }
}

/** The job succeeded, and the data source is not there. */
export function notPublished(settings: Label, name: string, project: string): Problem {
  return {
    code: 'tableau-not-published',
    message: `${service(settings)} says that ${name} is published to project ${project}, and does not show it`,
    hint: 'check that the user of the token may view the data sources of the project',
  }
}

/** Others changed it after our job ended. */
export function replaced(settings: Label, name: string, at: string): Problem {
  return {
    code: 'tableau-replaced',
    message: `${service(settings)}: someone else changed ${name} on ${at}, just after it was published`,
    hint: 'find out who else publishes under this name; the next run publishes it again',
    transient: true,
  }
}

export function fileUnreadable(settings: Label, file: string, error: Error): Problem {
  return {
    code: 'tableau-file-unreadable',
    message: `connection ${settings.name}: can't read ${file} to publish it`,
    detail: error.message,
    hint: 'run the same command again, and let nothing change the file meanwhile',
  }
}

export function fileTooLarge(settings: Label, bytes: number): Problem {
  return {
    code: 'tableau-refused',
    message: `${service(settings)} takes files of up to 64 GB, and this one has ${(bytes / 1e9).toFixed(1)} GB`,
    hint: 'write fewer rows or columns',
  }
}
