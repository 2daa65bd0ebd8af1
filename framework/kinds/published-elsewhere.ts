import type { Site } from '../ports/site.ts'

/** Whether the site's target lacks a connection that another target of the project has. */
export function isPublishedElsewhere(name: string, { target, project }: Site): boolean {
  const has = ({ connections }: { readonly connections: object }) =>
    Object.hasOwn(connections, name)
  return !has(target) && Object.values(project.targets).some(has)
}
