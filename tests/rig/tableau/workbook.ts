/** The fields of each data source of a workbook: their data types by name, in order. */
export function fieldsOf(workbook: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const [, sources = ''] = /<datasources>(.*?)\n {2}<\/datasources>/s.exec(workbook) ?? []
  const found = sources.matchAll(/<datasource caption='(\w+)'(.*?)<\/datasource>/gs)
  return new Map(
    [...found].map(([, name, body]) => {
      const columns = body!.matchAll(/<column .*?datatype='(\w+)' name='\[(\w+)\]'/g)
      return [name!, new Map([...columns].map(([, type, column]) => [column!, type!]))]
    }),
  )
}

/** The data type of Tableau for a type of Hyper. */
export function datatypeOf(type: string): string {
  const [name] = type.split('(')
  switch (name) {
    case 'TEXT':
      return 'string'
    case 'BOOL':
      return 'boolean'
    case 'BIG_INT':
    case 'INT':
    case 'SMALL_INT':
      return 'integer'
    case 'NUMERIC':
    case 'DOUBLE':
      return 'real'
    case 'DATE':
      return 'date'
    case 'TIMESTAMP':
    case 'TIMESTAMP_TZ':
      return 'datetime'
    default:
      throw new Error(`a report has the type ${type}`)
  }
}
