import { randomUUID } from 'node:crypto'

// What a Tableau site holds, as far as the look-alike knows it.

export interface Project {
  readonly id: string
  readonly name: string
  readonly parent: string | null
  /** Whether the user of the token may publish to it. */
  writeable: boolean
}

/** A data source or a workbook. */
export interface Content {
  readonly id: string
  readonly type: 'datasource' | 'workbook'
  readonly name: string
  readonly project: Project
  /** The published file; null for a workbook. */
  bytes: Buffer | null
  updatedAt: string
  description: string
  /** Whether it has an extract that can be refreshed. */
  readonly hasExtract: boolean
}

export type JobType = 'RefreshExtract' | 'PublishDatasource'

/** Codes of the vendor: 0 success, 1 failed, 2 cancelled, 3 completed (flows). */
export type FinishCode = 0 | 1 | 2 | 3

export interface Job {
  readonly id: string
  readonly type: JobType
  /** What it refreshes or publishes; null for a data source that does not exist yet. */
  readonly content: Content | null
  createdAt: string
  startedAt: string | null
  completedAt: string | null
  finishCode: FinishCode
  notes: string
  /** How often it was asked for. */
  polls: number
  /** What happens when it succeeds. */
  readonly then: () => void
}

/** How jobs behave. */
export interface JobRules {
  /** Polls until a job ends. */
  polls: number
  finishCode: FinishCode
  notes: string
  /** Jobs do not end. */
  isHeld: boolean
  /** Jobs wait before they run. */
  isQueued: boolean
}

export class Store {
  readonly site = { id: randomUUID(), contentUrl: 'rental', name: 'DVD rental' }
  readonly user = randomUUID()
  readonly projects: Project[] = []
  readonly contents: Content[] = []
  readonly jobs: Job[] = []
  readonly uploads = new Map<string, Buffer[]>()
  /** The names of the data sources that were published, in order. */
  readonly publications: string[] = []
  readonly rules: JobRules = { polls: 2, finishCode: 0, notes: '', isHeld: false, isQueued: false }
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
    this.addProject('default')
  }

  time(): string {
    return new Date(this.#now()).toISOString().replace(/\.\d+/, '')
  }

  addProject(name: string, parent: string | null = null): Project {
    const project = { id: randomUUID(), name, parent, writeable: true }
    this.projects.push(project)
    return project
  }

  addContent(content: Pick<Content, 'type' | 'name' | 'project'> & Partial<Content>): Content {
    const added: Content = {
      id: randomUUID(),
      bytes: null,
      hasExtract: true,
      description: '',
      updatedAt: this.time(),
      ...content,
    }
    this.contents.push(added)
    return added
  }

  find(type: Content['type'], name: string, project: Project): Content | undefined {
    return this.contents.find(
      (one) => one.type === type && one.name === name && one.project.id === project.id,
    )
  }

  /** Publishes a file: replaces the data source of this name, or adds one. */
  publish(name: string, project: Project, bytes: Buffer, description = ''): Content {
    const existing = this.find('datasource', name, project)
    this.publications.push(name)
    if (existing === undefined) {
      return this.addContent({ type: 'datasource', name, project, bytes, description })
    }
    existing.bytes = bytes
    existing.description = description
    existing.updatedAt = this.time()
    return existing
  }

  addJob(type: JobType, content: Content | null, then: () => void = () => {}): Job {
    const job: Job = {
      ...{ id: randomUUID(), type, content, createdAt: this.time(), then },
      ...{
        startedAt: this.rules.isQueued ? null : this.time(),
        completedAt: null,
        finishCode: this.rules.finishCode,
      },
      ...{ notes: this.rules.notes, polls: 0 },
    }
    this.jobs.push(job)
    return job
  }

  /** A job as one poll sees it. It ends after some polls. */
  poll(id: string): Job | undefined {
    const job = this.jobs.find((one) => one.id === id)
    if (job === undefined || job.completedAt !== null || this.rules.isHeld) return job
    job.polls += 1
    if (!this.rules.isQueued) job.startedAt ??= this.time()
    if (job.polls >= this.rules.polls) this.end(job, job.finishCode)
    return job
  }

  end(job: Job, finishCode: FinishCode): void {
    job.finishCode = finishCode
    job.startedAt ??= this.time()
    job.completedAt = this.time()
    if (finishCode === 0 || finishCode === 3) job.then()
    if (job.type === 'RefreshExtract' && job.content !== null && finishCode === 0) {
      job.content.updatedAt = this.time()
    }
  }

  /** The refresh of something that is waiting or running. */
  refreshOf(content: Content): Job | undefined {
    return this.jobs.find(
      (job) => job.type === 'RefreshExtract' && job.content === content && job.completedAt === null,
    )
  }
}
