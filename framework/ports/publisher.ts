import type { Json } from '../lib/json.ts'
import type { Problem } from '../model/problem.ts'
import type { Committed, Progress } from './batch.ts'

/**
 * A service that shows the results of a target to people. It takes files, and it refreshes what it reads from the
 * warehouse itself.
 */
export interface Publisher {
  readonly type: string
  /** The format of the files that it takes. */
  readonly format: string
  /** Whether a receipt is of this service and place. Connects to nothing. */
  holds(receipt: Json, place: PublishedPlace): boolean
  /** Whether the receipt of a refresh is of this service. Connects to nothing. */
  hasRefreshed(receipt: Json): boolean
  /** Looks whether publications are as their receipts say. Changes nothing. */
  look(published: readonly Publication[]): Promise<Looked>
  /** Publishes a file, unless its rows are published. Never throws. */
  publish(request: PublishRequest): Promise<Published>
  /** Refreshes what the service reads itself, and waits for the end. Never throws. */
  refresh(request: RefreshRequest): Promise<Refreshed>
  close(): Promise<void>
}

/** Where a file is published. */
export interface PublishedPlace {
  /** The name of a project, or its path: `Finance/Reports`. */
  readonly project: string
  readonly name: string
}

export interface Publication {
  readonly asset: string
  readonly place: PublishedPlace
  /** What `publish` returned, in the service's own JSON. */
  readonly receipt: Json
}

export interface Looked {
  /** By asset. Those that could not be looked at are not in it. */
  readonly seen: ReadonlyMap<string, SeenPublication>
  readonly problems: readonly Problem[]
}

export type SeenPublication =
  | { readonly is: 'as_published' }
  | { readonly is: 'gone'; readonly message: string }
  | { readonly is: 'replaced'; readonly message: string }

/** What both works of the service have in common. */
interface ServiceWork {
  readonly asset: string
  readonly run: number
  /** The reference that an earlier run wrote into the journal and did not commit; null if there is none. */
  readonly unfinished: Json
  /** Aborted by the first Ctrl-C: cancel what can be cancelled, and return. */
  readonly signal: AbortSignal
  /** Writes the reference into the journal. Awaited before the service is asked for something that it must not do twice. */
  readonly onReference: (reference: Json) => Promise<void>
  readonly onProgress: (progress: Progress) => Promise<void>
}

export interface PublishRequest extends ServiceWork {
  readonly place: PublishedPlace
  /** `create`: what was never published from here is kept, and is a problem. */
  readonly mode: 'create' | 'overwrite'
  /** What it is, for people; null for nothing. */
  readonly description: string | null
  readonly file: PublishedFile
  /** The version of the rows in the file. */
  readonly content: string
  /** The receipt of the last publication, and the version of its rows; null if there is none. */
  readonly last: { readonly receipt: Json; readonly content: string } | null
  /** Publish it also if its rows are published. */
  readonly forced: boolean
}

export interface PublishedFile {
  /** Absolute path. */
  readonly path: string
  /** `tokenOf` the file whose rows have the version. */
  readonly token: string | null
}

export type Published =
  | {
      readonly is: 'published'
      readonly receipt: Json
      /** Where it is, for people: `data source revenue in project Finance at https://…`. */
      readonly where: string
      /** The job, for people; null if the rows had been published before. */
      readonly reference: string | null
    }
  | { readonly is: 'failed'; readonly problem: Problem }
  /** `detail`: what becomes of the job. */
  | { readonly is: 'cancelled'; readonly detail: string }

export interface RefreshRequest extends ServiceWork {
  readonly content: RefreshedContent
  /** When and by which run the last of the inputs was committed; null if that is not known. */
  readonly inputs: Committed | null
}

/** What the service reads from the warehouse. */
export interface RefreshedContent {
  readonly type: 'datasource' | 'workbook'
  readonly name: string
  /** Its project; null if the name is enough. */
  readonly project: string | null
}

export type Refreshed =
  /** `reference`: the job, for people. `receipt`: in the service's own JSON. */
  | { readonly is: 'refreshed'; readonly reference: string; readonly receipt: Json }
  | { readonly is: 'failed'; readonly problem: Problem }
  | { readonly is: 'cancelled'; readonly detail: string }
