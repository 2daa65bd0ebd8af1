/** The tables of `decisions/0009-dependencies.md`: the rows below each heading, cells without backticks. */
export type DependencyPage = ReadonlyMap<string, readonly (readonly string[])[]>

/** Reads the tables of the page. The rows above the line of dashes are titles. Pure. */
export function dependencyPage(markdown: string): DependencyPage {
  const tables = new Map<string, readonly (readonly string[])[]>()
  for (const section of markdown.split(/^## /m).slice(1)) {
    const heading = section.slice(0, section.indexOf('\n'))
    const lines = section.split('\n').filter((line) => line.startsWith('|'))
    const rows = lines.slice(2).map((line) => {
      const cells = line.split('|').slice(1, -1)
      return cells.map((cell) => cell.trim().replaceAll('`', ''))
    })
    tables.set(heading, rows)
  }
  return tables
}

/** The headings of the page whose tables are read. */
export const TABLES = {
  installed: 'Installed with the package',
  bundled: 'In the bundle',
  development: 'Only for work on the program',
  python: 'Python packages',
} as const

/** Licences of the Python packages, by name: a row lists several packages under one licence. Pure. */
export function pythonLicences(page: DependencyPage): ReadonlyMap<string, string> {
  const rows = page.get(TABLES.python) ?? []
  return new Map(
    rows.flatMap(([licence = '', names = '']) =>
      names.split(', ').map((name) => [name, licence] as const),
    ),
  )
}
