import type { Random } from '../random.ts'

/** A project in a folder of its own, for one round of kills. */
export interface KillProject {
  readonly root: string
  readonly env: Readonly<Record<string, string>>
  /** What readers of the outputs see. */
  content(): Promise<unknown>
  /** Servers that can be killed; each comes back by itself. */
  readonly servers: Readonly<Record<string, () => Promise<void>>>
  /** Assets that may be built again although nothing changed, after the kill of a server. */
  readonly ofServer: readonly string[]
  /** What is left where it must not be, outside the folder. Called at the end. */
  left(): Promise<readonly string[]>
}

/** A kind of project, and how one is made. */
export interface KillPlace {
  readonly name: string
  /** Milliseconds that an undisturbed run takes, at least. */
  readonly span: number
  /** A project, and the content that an undisturbed run gives it. */
  begin(random: Random): Promise<{ readonly project: KillProject; readonly expected: unknown }>
  end(project: KillProject): Promise<void>
  close(): Promise<void>
}
