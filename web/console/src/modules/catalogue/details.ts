/** What the source says of a resource, in the order it is shown. What the page shows elsewhere is not repeated. */
const SHOWN = ['format', 'visibility', 'encoding', 'encodingEvidence', 'delimiter', 'quote', 'escape', 'lineEnd', 'padding', 'header', 'firstColumn', 'preamble', 'empty', 'uniqueKeys', 'foreignKeys', 'exclusions', 'checks', 'partitionKey', 'partitionBound', 'parent', 'server', 'persistence', 'definition', 'definitionUnreadable', 'unreadableColumns', 'unreadable', 'reason']
const ELSEWHERE = ['types', 'primaryKey', 'rejected', 'path', 'sheet']

interface ForeignKey {
  columns: string[]
  schema: string
  table: string
  referencedColumns: string[]
}

/** One line per entry of a list in JSON; any other text as it is. */
function lines(text: string): string[] {
  if (!text.startsWith('[')) return [text]
  try {
    const list = JSON.parse(text) as unknown[]
    if (list.every((one) => typeof one === 'string')) return [list.join(', ')]
    return list.map((one) => {
      if (Array.isArray(one)) return one.join(', ')
      const key = one as ForeignKey
      return key.columns && key.table ? `${key.columns.join(', ')} → ${key.schema}.${key.table} (${key.referencedColumns.join(', ')})` : String(one)
    })
  } catch {
    return [text]
  }
}

export function describe(details: Record<string, string>): { name: string; lines: string[] }[] {
  const others = Object.keys(details).filter((name) => !SHOWN.includes(name) && !ELSEWHERE.includes(name))
  return [...SHOWN, ...others.sort()].flatMap((name) => {
    const text = details[name]
    return text ? [{ name, lines: lines(text) }] : []
  })
}
