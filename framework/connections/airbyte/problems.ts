import type { Problem } from '../../model/problem.ts'
import type { Settings } from './settings.ts'

/** The part of the settings that messages name. */
type Named = Pick<Settings, 'name' | 'url' | 'connectionId'>

const host = ({ url }: Named) => new URL(url).host
const who = (settings: Named) => `Airbyte at ${host(settings)}, of connection ${settings.name},`

export function notAnswering(settings: Named, detail: string): Problem {
  return {
    code: 'airbyte-not-answering',
    message: `${who(settings)} does not answer as it should`,
    ...(detail === '' ? {} : { detail }),
    hint: "is it up, and is the connection's url that of its API? A self-managed one ends in /api/public/v1",
    transient: true,
  }
}

export function denied(settings: Named, status: number): Problem {
  return {
    code: 'airbyte-denied',
    message: `${who(settings)} won't have this login (status ${status})`,
    hint: 'check client_id and client_secret (or username and password, or token), and that it may run jobs in that workspace',
  }
}

export function tokenRefused(settings: Named, status: number): Problem {
  return {
    code: 'airbyte-denied',
    message: `${who(settings)} gave no token for this client_id and client_secret (status ${status})`,
    hint: 'make an application in Airbyte under Settings → Applications, and take its id and secret',
  }
}

export function noApplications(settings: Named): Problem {
  return {
    code: 'airbyte-without-applications',
    message: `${who(settings)} knows no applications`,
    hint: 'check the url; an old self-managed version wants username and password instead of client_id and client_secret',
  }
}

/** What a service answers that understood and won't. */
export interface Refusal {
  readonly status: number
  /** Of the problem document (RFC 9457): `try-again-later`. Empty where there is none. */
  readonly title: string
  readonly detail: string
}

export function refused(
  settings: Named,
  ask: { readonly method: string; readonly path: string },
  { status, title, detail }: Refusal,
): Problem {
  const isConnection = status === 404 && ask.path.startsWith('/connections/')
  const told = [title, detail].filter((part) => part !== '').join(': ')
  return {
    code: isConnection ? 'airbyte-connection-unknown' : 'airbyte-refused',
    message: isConnection
      ? `${who(settings)} has no connection ${settings.connectionId}`
      : `${who(settings)} refused ${ask.method} ${ask.path} (status ${status})`,
    ...(told === '' ? {} : { detail: told }),
    hint: isConnection
      ? 'take connection_id from the address that Airbyte shows for the connection: …/connections/<id>'
      : 'see the connection in Airbyte',
  }
}

export function inactive(settings: Named, detail: string): Problem {
  return {
    code: 'airbyte-connection-inactive',
    message: `${who(settings)} runs no sync of connection ${settings.connectionId}: it is not active`,
    ...(detail === '' ? {} : { detail }),
    hint: 'switch the connection on in Airbyte, then run the same command again',
  }
}

export function notStarted(settings: Named, detail: string): Problem {
  return {
    code: 'airbyte-sync-not-started',
    message: `${who(settings)} could not be brought to start a sync`,
    detail,
    hint: 'see the connection in Airbyte; then run the same command again, which takes a sync that did start',
    transient: true,
  }
}

export function startRefused(settings: Named, detail: string): Problem {
  return {
    code: 'airbyte-sync-refused',
    message: `${who(settings)} refused to start a sync`,
    detail,
    hint: 'see the connection in Airbyte',
  }
}

/** What became of a job, in words for the streams that were to come of it. */
export function jobFailed(
  settings: Named,
  job: number,
  how: 'failed' | 'cancelled',
  detail: string | null,
): Problem {
  return {
    code: how === 'failed' ? 'airbyte-sync-failed' : 'airbyte-sync-cancelled',
    message:
      how === 'failed'
        ? `Airbyte job ${job} of connection ${settings.name} failed`
        : `Airbyte job ${job} of connection ${settings.name} was cancelled by somebody else`,
    ...(detail === null || detail === '' ? {} : { detail }),
    hint: `see job ${job} in Airbyte; then run the same command again`,
  }
}

export function streamFailed(job: number, asset: string, stream: string, why: string): Problem {
  return {
    code: 'airbyte-stream-failed',
    message: `${asset}: Airbyte job ${job} did not finish stream ${stream}`,
    ...(why === '' ? {} : { detail: why }),
    hint: `see job ${job} in Airbyte; then run the same command again`,
    asset,
  }
}

export function streamUntold(job: number, asset: string, stream: string, why: string): Problem {
  return {
    code: 'airbyte-outcome-unknown',
    message: `${asset}: what became of stream ${stream} in Airbyte job ${job} can't be told: ${why}`,
    hint: 'see that the stream is switched on in the connection; then run the same command again',
    asset,
  }
}

export function nothingRan(settings: Named, job: number): Problem {
  return {
    code: 'airbyte-nothing-ran',
    message: `Airbyte job ${job} of connection ${settings.name} says succeeded, but it ran no stream`,
    hint: `see job ${job} in Airbyte, and that the connection has streams switched on; then run the same command again`,
  }
}

export function tooSlow(
  settings: Named,
  job: number,
  waited: string,
  last: string | null,
): Problem {
  return {
    code: 'airbyte-deadline',
    message: `Airbyte job ${job} of connection ${settings.name} was not done after ${waited}, the connection's timeout`,
    ...(last === null ? {} : { detail: `the last question brought: ${last}` }),
    hint: 'it runs on; the same command attaches to it again. Raise `timeout:` of the connection if it always takes so long',
  }
}

export function needsRefresh(
  settings: Named,
  asset: string,
  stream: string,
  because: string,
): Problem {
  return {
    code: 'airbyte-needs-refresh',
    message: `${asset} has to be loaded in full, since ${because}, and a sync of connection ${settings.name} brings only what is new`,
    hint: `refresh stream ${stream} in Airbyte (the connection → Schema or Status → ${stream} → Refresh), then run the same command again: it takes that refresh`,
    asset,
  }
}
