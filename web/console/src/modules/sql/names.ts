const PLAIN = /^[a-z_][a-z0-9_]*$/

/** A name as SQL wants it: quoted only when it must be. */
export function quoted(name: string): string {
  return PLAIN.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/** A lake table's name as SQL wants it. The namespace never holds a dot; the table's name may. */
export function quotedTable(lakeTable: string): string {
  const dot = lakeTable.indexOf('.')
  return dot < 0 ? quoted(lakeTable) : `${quoted(lakeTable.slice(0, dot))}.${quoted(lakeTable.slice(dot + 1))}`
}
