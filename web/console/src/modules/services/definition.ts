import type { ServiceDefinition, ServiceParameter } from '@qiantang/api'

/** A service nobody has written yet. */
export const blank = (): ServiceDefinition => ({ title: '', description: null, table: '', sql: null, parameters: [], fields: [], sortable: [], pageSize: 100, mostRows: 1000, cacheSeconds: 0, rate: { perSecond: 10, burst: 20 }, personal: false })

/** The type a filter's value has, by the engine's type of its column. */
export function parameterType(type: string): ServiceParameter['type'] {
  if (type === 'BOOLEAN') return 'BOOLEAN'
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER)$/.test(type)) return 'INTEGER'
  if (/^(DECIMAL|FLOAT|DOUBLE)/.test(type)) return 'DECIMAL'
  if (type === 'DATE') return 'DATE'
  return type.startsWith('TIMESTAMP') ? 'TIMESTAMP' : 'TEXT'
}

/** The names of the parameters in a statement, each once: not in texts, quoted names or comments. */
export function parametersIn(sql: string): string[] {
  const plain = sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|::/g, ' ')
  return [...new Set([...plain.matchAll(/:([\p{L}_][\p{L}\p{N}_]*)/gu)].map((found) => found[1]!))]
}

/** A parameter by which a column selects. */
export const filterOn = (column: string, title: string, type: string, operator: NonNullable<ServiceParameter['filter']>['operator']): ServiceParameter => ({ name: column, title, type: operator === 'STARTS_WITH' ? 'TEXT' : parameterType(type), required: false, defaultValue: null, pattern: null, filter: { column, operator } })
