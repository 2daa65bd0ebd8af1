import { execFileSync } from 'node:child_process'

/** Runs git in a folder and returns what it prints. Its settings are not those of this machine. */
export function gitAt(folder: string): (...args: readonly string[]) => string {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.com',
    GIT_AUTHOR_DATE: '2026-03-02T02:00:00Z',
    GIT_COMMITTER_DATE: '2026-03-02T02:00:00Z',
  }
  return (...args) =>
    execFileSync('git', args, {
      cwd: folder,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
}

/** Makes a repository with a branch `main` and commits everything that is there. */
export function repositoryAt(folder: string): ReturnType<typeof gitAt> {
  const git = gitAt(folder)
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '--message=first')
  return git
}
