import type { Problem } from '../../model/problem.ts'
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

const service = ({ name, url }: Label) => `connection ${name}: Tableau at ${url}`

export function notAnswering(settings: Label, detail: string): Problem {
  return {
    code: 'tableau-not-answering',
    message: `${service(settings)} gave no valid answer`,
    ...(detail === '' ? {} : { detail }),
    hint: "check that it is running, and that the connection's url is its address, without /#/site",
    transient: true,
  }
}

/** The sign-in was refused. */
export function signInDenied(settings: TableauSettings, { code, detail }: Refusal): Problem {
  const site = settings.site === '' ? 'the default site' : `site ${settings.site}`
  return {
    code: 'tableau-denied',
    message: `${service(settings)} rejected the token ${settings.tokenName} for ${site} (${code})`,
    ...(detail === '' ? {} : { detail }),
    hint: 'a token is of one site and ends after 15 days without use: create one under My Account Settings, and set token_name, token and site',
  }
}

/** A session ended twice in a row. */
export function sessionLost(settings: TableauSettings): Problem {
  return {
    code: 'tableau-denied',
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
      hint: 'give this user the capability in the project, and a site role that can publish',
    }
  }
  return {
    code: 'tableau-refused',
    message: `${service(settings)} refused to ${what} (${code === '' ? `status ${status}` : code})`,
    ...(said === '' ? {} : { detail: said }),
    hint: 'correct what Tableau says in the detail',
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
