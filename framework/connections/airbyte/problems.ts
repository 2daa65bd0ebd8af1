import type { Problem } from '../../model/problem.ts'
import type { AirbyteSettings } from './settings.ts'

/** The settings that messages name. None of them is a secret. */
type ConnectionName = Pick<AirbyteSettings, 'name' | 'url' | 'connectionId'>

const service = ({ name, url }: ConnectionName) =>
  `Airbyte at ${new URL(url).host} (connection ${name})`

export function notAnswering(settings: ConnectionName, detail: string): Problem {
  return {
    code: 'airbyte-not-answering',
    isAccessFault: true,
    message: `${service(settings)} gave no valid response`,
    ...(detail === '' ? {} : { detail }),
    hint: "check that it is running, and that the connection's url is its API; a self-managed Airbyte's ends in /api/public/v1",
    transient: true,
  }
}

export function loginDenied(settings: ConnectionName, status: number): Problem {
  return {
    code: 'airbyte-denied',
    isAccessFault: true,
    message: `${service(settings)} rejected the login (status ${status})`,
    hint: 'check client_id and client_secret (or username and password, or token), and that the login may run jobs in the workspace',
  }
}

export function tokenRefused(settings: ConnectionName, status: number): Problem {
  return {
    code: 'airbyte-denied',
    isAccessFault: true,
    message: `${service(settings)} issued no token for client_id and client_secret (status ${status})`,
    hint: 'create an application in Airbyte under Settings → Applications, and use its id and secret',
  }
}

export function applicationsUnsupported(settings: ConnectionName): Problem {
  return {
    code: 'airbyte-without-applications',
    message: `${service(settings)} does not support client_id and client_secret`,
    hint: 'check the url; an old self-managed version needs username and password instead',
  }
}

/** A reply with a 4xx status. */
export interface RefusedReply {
  readonly status: number
  /** From the problem document (RFC 9457): `try-again-later`. Empty if there is none. */
  readonly title: string
  readonly detail: string
}

export function requestRefused(
  settings: ConnectionName,
  request: { readonly method: string; readonly path: string },
  { status, title, detail }: RefusedReply,
): Problem {
  const isConnection = status === 404 && request.path.startsWith('/connections/')
  const reply = [title, detail].filter((part) => part !== '').join(': ')
  return {
    code: isConnection ? 'airbyte-connection-unknown' : 'airbyte-refused',
    message: isConnection
      ? `${service(settings)} has no connection with the id ${settings.connectionId}`
      : `${service(settings)} rejected ${request.method} ${request.path} (status ${status})`,
    ...(reply === '' ? {} : { detail: reply }),
    hint: isConnection
      ? 'copy connection_id from the address of the connection in Airbyte: …/connections/<id>'
      : 'open the connection in Airbyte',
  }
}

export function connectionInactive(settings: ConnectionName, detail: string): Problem {
  return {
    code: 'airbyte-connection-inactive',
    message: `${service(settings)} runs no sync: connection ${settings.connectionId} is not active`,
    ...(detail === '' ? {} : { detail }),
    hint: 'enable the connection in Airbyte, then run the same command again',
  }
}

export function syncNotStarted(settings: ConnectionName, detail: string): Problem {
  return {
    code: 'airbyte-sync-not-started',
    message: `${service(settings)} did not start a sync`,
    detail,
    hint: 'open the connection in Airbyte, then run the same command again; it uses a sync that did start',
    transient: true,
  }
}

export function syncRefused(settings: ConnectionName, detail: string): Problem {
  return {
    code: 'airbyte-sync-refused',
    message: `${service(settings)} refused to start a sync`,
    detail,
    hint: 'open the connection in Airbyte',
  }
}

export function jobFailed(
  settings: ConnectionName,
  job: number,
  how: 'failed' | 'cancelled',
  detail: string | null,
): Problem {
  return {
    code: how === 'failed' ? 'airbyte-sync-failed' : 'airbyte-sync-cancelled',
    message:
      how === 'failed'
        ? `Airbyte job ${job} of connection ${settings.name} failed`
        : `Airbyte job ${job} of connection ${settings.name} was cancelled outside assets`,
    ...(detail === null || detail === '' ? {} : { detail }),
    hint: `open job ${job} in Airbyte, then run the same command again`,
  }
}

export function streamFailed(job: number, asset: string, stream: string, why: string): Problem {
  return {
    code: 'airbyte-stream-failed',
    message: `${asset}: Airbyte job ${job} did not finish stream ${stream}`,
    ...(why === '' ? {} : { detail: why }),
    hint: `open job ${job} in Airbyte, then run the same command again`,
    asset,
  }
}

export function streamOutcomeUnknown(
  job: number,
  asset: string,
  stream: string,
  why: string,
): Problem {
  return {
    code: 'airbyte-outcome-unknown',
    message: `${asset}: it is unknown whether Airbyte job ${job} loaded stream ${stream}: ${why}`,
    hint: 'check that the stream is enabled in the connection, then run the same command again',
    asset,
  }
}

export function nothingRan(settings: ConnectionName, job: number): Problem {
  return {
    code: 'airbyte-nothing-ran',
    message: `Airbyte job ${job} of connection ${settings.name} succeeded without running a stream`,
    hint: `open job ${job} in Airbyte, check that the connection has enabled streams, then run the same command again`,
  }
}

/** `last`: what the last poll got instead of a status; null if it got one. */
export function jobTimedOut(
  settings: ConnectionName,
  job: number,
  waited: string,
  last: string | null,
): Problem {
  return {
    code: 'airbyte-deadline',
    message: `Airbyte job ${job} of connection ${settings.name} did not finish in ${waited}, the connection's timeout`,
    ...(last === null ? {} : { detail: `the last poll failed: ${last}` }),
    hint: 'the job keeps running; run the same command again to wait for it, or raise `timeout:` of the connection',
  }
}

export function needsRefresh(
  settings: ConnectionName,
  asset: string,
  stream: string,
  reason: string,
): Problem {
  return {
    code: 'airbyte-needs-refresh',
    message: `${asset} needs a full load because ${reason}, but a sync of connection ${settings.name} loads only new rows`,
    hint: `refresh stream ${stream} in Airbyte (the connection → Schema or Status → ${stream} → Refresh), then run the same command again; it uses that refresh`,
    asset,
  }
}
