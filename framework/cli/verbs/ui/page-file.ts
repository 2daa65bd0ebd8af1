import { join } from 'node:path'
import { ownPackage } from '../../version.ts'

/** The page, as the bundler made it. */
export function pageFile(): string {
  return join(ownPackage().folder, 'dist', 'page.html')
}
