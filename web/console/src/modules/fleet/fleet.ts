import type { Fleet, FleetSource, FleetState } from '@qiantang/api'

/** Worst first: the order in which states are listed and in which a person should look. */
export const STATES: FleetState[] = ['FAILED', 'UNREADABLE', 'INCOMPLETE', 'LAGGING', 'LATE', 'GONE', 'FRESH']
export const SORTS = ['state', 'name', 'rows', 'age', 'lag'] as const
export type Sort = (typeof SORTS)[number]
export type Grouping = 'department' | 'source'

/** One table of the city. */
export interface FleetTable {
  id: string
  source: FleetSource
  departmentId: string
  name: string
  title: string
  state: FleetState
  rows: number | null
  /** Milliseconds since 1970; null where the lake has nothing of it. */
  asOf: number | null
  lagSeconds: number
  changed: boolean
  /** What is searched, in lower case. */
  text: string
}

/** The tables of a compact answer. */
export function unpack(fleet: Fleet): FleetTable[] {
  const { tables } = fleet
  const changed = new Set(tables.changed)
  const departments = new Map(fleet.departments.map((one) => [one.id, `${one.name} ${one.nameEn}`]))
  return tables.ids.map((id, i) => {
    const source = fleet.sources[tables.sources[i] as number] as FleetSource
    const [name, title] = [tables.names[i] ?? '', tables.titles[i] ?? '']
    const asOf = tables.asOf[i]
    return {
      id,
      source,
      departmentId: source.departmentId,
      name,
      title,
      state: tables.states[i] as FleetState,
      rows: tables.rows[i] ?? null,
      asOf: asOf === null || asOf === undefined ? null : asOf * 1_000,
      lagSeconds: tables.lags[i] ?? 0,
      changed: changed.has(i),
      text: `${name} ${title} ${source.name} ${source.title} ${departments.get(source.departmentId) ?? ''}`.toLowerCase(),
    }
  })
}

export interface Asked {
  q: string
  state: FleetState | ''
  department: string
  changed: boolean
}

/** Every word has to be there somewhere. */
export function filter(tables: FleetTable[], asked: Asked): FleetTable[] {
  const words = asked.q.toLowerCase().split(/\s+/).filter(Boolean)
  return tables.filter(
    (table) =>
      (!asked.state || table.state === asked.state) && (!asked.department || table.departmentId === asked.department) && (!asked.changed || table.changed) && words.every((word) => table.text.includes(word)),
  )
}

const rank = new Map(STATES.map((state, i) => [state, i]))
const byName = (a: FleetTable, b: FleetTable): number => a.source.name.localeCompare(b.source.name) || a.name.localeCompare(b.name)
const ORDERS: Record<Sort, (a: FleetTable, b: FleetTable) => number> = {
  state: (a, b) => (rank.get(a.state) ?? 9) - (rank.get(b.state) ?? 9) || byName(a, b),
  name: byName,
  rows: (a, b) => (b.rows ?? -1) - (a.rows ?? -1) || byName(a, b),
  // What the lake has nothing of is older than everything.
  age: (a, b) => (a.asOf ?? 0) - (b.asOf ?? 0) || byName(a, b),
  lag: (a, b) => b.lagSeconds - a.lagSeconds || byName(a, b),
}
export const sorted = (tables: FleetTable[], sort: Sort): FleetTable[] => [...tables].sort(ORDERS[sort])

export interface Group {
  key: string
  source: FleetSource | null
  departmentId: string
  tables: FleetTable[]
  counts: Partial<Record<FleetState, number>>
}

/** The tables by department or source, in the order in which the hub names these. */
export function grouped(tables: FleetTable[], fleet: Fleet, by: Grouping): Group[] {
  const groups = new Map<string, Group>()
  if (by === 'department') for (const one of fleet.departments) groups.set(one.id, { key: one.id, source: null, departmentId: one.id, tables: [], counts: {} })
  else for (const one of fleet.sources) groups.set(one.id, { key: one.id, source: one, departmentId: one.departmentId, tables: [], counts: {} })
  for (const table of tables) {
    const group = groups.get(by === 'department' ? table.departmentId : table.source.id)
    if (!group) continue
    group.tables.push(table)
    group.counts[table.state] = (group.counts[table.state] ?? 0) + 1
  }
  return [...groups.values()].filter((group) => group.tables.length > 0)
}

/** Where an arrow key leads from a table: along the flow, or up and down in a picture of so many columns. */
export function step(groups: Group[], at: { group: number; table: number }, key: string, columns: number): { group: number; table: number } {
  const size = (group: number): number => groups[group]?.tables.length ?? 0
  const { group, table } = at
  switch (key) {
    case 'ArrowRight':
      return table + 1 < size(group) ? { group, table: table + 1 } : group + 1 < groups.length ? { group: group + 1, table: 0 } : at
    case 'ArrowLeft':
      return table > 0 ? { group, table: table - 1 } : group > 0 ? { group: group - 1, table: size(group - 1) - 1 } : at
    case 'ArrowDown': {
      if (table + columns < size(group)) return { group, table: table + columns }
      const lastRow = Math.floor((size(group) - 1) / columns)
      if (Math.floor(table / columns) < lastRow) return { group, table: size(group) - 1 }
      return group + 1 < groups.length ? { group: group + 1, table: Math.min(table % columns, size(group + 1) - 1) } : at
    }
    case 'ArrowUp': {
      if (table >= columns) return { group, table: table - columns }
      if (group === 0) return at
      const before = size(group - 1)
      const start = Math.floor((before - 1) / columns) * columns
      return { group: group - 1, table: Math.min(start + (table % columns), before - 1) }
    }
    case 'Home':
      return { group: 0, table: 0 }
    case 'End':
      return { group: groups.length - 1, table: size(groups.length - 1) - 1 }
    default:
      return at
  }
}
