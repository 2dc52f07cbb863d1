import type { LineageEdge, LineageGraph, LineageNode } from '@qiantang/api'

/** Where everything of a lineage graph stands: tables in layers from left to right by how far they are, columns inside of them. */
export interface Row {
  /** null for what decides which rows there are */
  column: string | null
  y: number
}
export interface Box {
  node: LineageNode
  x: number
  y: number
  height: number
  rows: Row[]
  /** columns that are not drawn */
  hidden: number
}
export interface Line {
  edge: LineageEdge
  path: string
}
export interface More {
  step: number
  x: number
  y: number
  n: number
}
export interface Layout {
  boxes: Box[]
  lines: Line[]
  more: More[]
  width: number
  height: number
}

export const BOX = 232
export const HEAD = 44
export const ROW = 24
const GAP_X = 84
const GAP_Y = 18
const EDGE = 12
/** So many columns of a table are drawn before it is opened, and so many tables of a layer. */
export const FEW_COLUMNS = 8
export const FEW_TABLES = 14

export const place = (node: string, column: string | null | undefined): string => `${node}\n${column ?? ''}`

/** Everything a column comes from and everything made of it, itself included. */
export function trace(edges: readonly LineageEdge[], node: string, column: string): { places: Set<string>; edges: Set<LineageEdge> } {
  const places = new Set<string>([place(node, column)])
  const found = new Set<LineageEdge>()
  const walk = (here: (edge: LineageEdge) => string, there: (edge: LineageEdge) => string): void => {
    const by = new Map<string, LineageEdge[]>()
    for (const edge of edges) by.set(here(edge), [...(by.get(here(edge)) ?? []), edge])
    const seen = new Set<string>()
    const open = [place(node, column)]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue
      seen.add(at)
      places.add(at)
      for (const edge of by.get(at) ?? []) {
        found.add(edge)
        open.push(there(edge))
      }
    }
  }
  const from = (edge: LineageEdge): string => place(edge.from, edge.fromColumn)
  const to = (edge: LineageEdge): string => place(edge.to, edge.toColumn)
  walk(to, from)
  walk(from, to)
  return { places, edges: found }
}

/** The tables of a layer in the order in which what they come from stands. */
function ordered(layers: Map<number, LineageNode[]>, edges: readonly LineageEdge[]): void {
  const steps = [...layers.keys()].sort((a, b) => a - b)
  const at = new Map<string, number>()
  for (const step of steps) {
    const nodes = layers.get(step)!
    const weight = new Map(
      nodes.map((node) => {
        const near = edges.filter((edge) => edge.to === node.id && at.has(edge.from)).map((edge) => at.get(edge.from)!)
        return [node.id, near.length ? near.reduce((a, b) => a + b, 0) / near.length : Number.MAX_SAFE_INTEGER]
      }),
    )
    nodes.sort((a, b) => weight.get(a.id)! - weight.get(b.id)! || a.id.localeCompare(b.id))
    nodes.forEach((node, i) => at.set(node.id, i))
  }
}

/**
 * @param opened tables of which all columns are drawn
 * @param widened layers of which all tables are drawn
 * @param wanted places that are drawn in any case
 */
export function layout(graph: LineageGraph, opened: ReadonlySet<string>, widened: ReadonlySet<number>, wanted: ReadonlySet<string>): Layout {
  const layers = new Map<number, LineageNode[]>()
  for (const node of graph.nodes) layers.set(node.step, [...(layers.get(node.step) ?? []), node])
  ordered(layers, graph.edges)
  const linked = new Set(graph.edges.flatMap((edge) => [place(edge.from, edge.fromColumn), place(edge.to, edge.toColumn)]))
  const boxes: Box[] = []
  const more: More[] = []
  let x = EDGE
  let height = 0
  for (const step of [...layers.keys()].sort((a, b) => a - b)) {
    const all = layers.get(step)!
    const important = (node: LineageNode): boolean => node.id === graph.start || node.columns.some((column) => wanted.has(place(node.id, column.name)))
    const shown = widened.has(step) || all.length <= FEW_TABLES ? all : all.filter((node, i) => i < FEW_TABLES || important(node))
    let y = EDGE
    for (const node of shown) {
      const names = node.columns.map((column) => column.name)
      const rank = (name: string): number => (wanted.has(place(node.id, name)) ? 0 : linked.has(place(node.id, name)) ? 1 : 2)
      const first = opened.has(node.id) ? names : names.filter((name) => rank(name) === 0 || names.filter((other) => rank(other) < rank(name) || (rank(other) === rank(name) && names.indexOf(other) < names.indexOf(name))).length < FEW_COLUMNS)
      const rows: Row[] = first.map((name, i) => ({ column: name, y: y + HEAD + i * ROW }))
      if (linked.has(place(node.id, null))) rows.push({ column: null, y: y + HEAD + rows.length * ROW })
      const hidden = names.length - first.length
      const foot = hidden > 0 || (opened.has(node.id) && names.length > FEW_COLUMNS) ? ROW : 0
      const box: Box = { node, x, y, height: HEAD + rows.length * ROW + foot + 6, rows, hidden }
      boxes.push(box)
      y += box.height + GAP_Y
    }
    if (shown.length < all.length) {
      more.push({ step, x, y, n: all.length - shown.length })
      y += ROW + GAP_Y
    }
    height = Math.max(height, y)
    x += BOX + GAP_X
  }
  const at = new Map(boxes.map((box) => [box.node.id, box]))
  const lines: Line[] = []
  for (const edge of graph.edges) {
    const from = at.get(edge.from)
    const to = at.get(edge.to)
    if (!from || !to) continue
    const y1 = from.rows.find((row) => row.column === edge.fromColumn)?.y
    const y2 = to.rows.find((row) => row.column === (edge.toColumn ?? null))?.y
    const a = y1 === undefined ? from.y + HEAD / 2 : y1 + ROW / 2
    const b = y2 === undefined ? to.y + HEAD / 2 : y2 + ROW / 2
    const left = from.x <= to.x ? from.x + BOX : from.x
    const right = from.x <= to.x ? to.x : to.x + BOX
    const bend = Math.max(36, Math.abs(right - left) / 2)
    lines.push({ edge, path: `M${left} ${a}C${left + bend} ${a} ${right - bend} ${b} ${right} ${b}` })
  }
  return { boxes, lines, more, width: Math.max(0, x - GAP_X + EDGE), height: height + EDGE }
}

/** The column that a key leads to: up and down within a table, left and right along the lineage. */
export function next(layout: Layout, node: string, column: string | null, key: string): { node: string; column: string | null } | null {
  const box = layout.boxes.find((each) => each.node.id === node)
  if (!box) return null
  const i = box.rows.findIndex((row) => row.column === column)
  if (key === 'ArrowUp' || key === 'ArrowDown') {
    const row = box.rows[i + (key === 'ArrowUp' ? -1 : 1)]
    return row ? { node, column: row.column } : null
  }
  const drawn = (id: string, name: string | null): boolean => layout.boxes.some((each) => each.node.id === id && each.rows.some((row) => row.column === name))
  for (const { edge } of layout.lines) {
    if (key === 'ArrowLeft' && edge.to === node && (edge.toColumn ?? null) === column && drawn(edge.from, edge.fromColumn)) return { node: edge.from, column: edge.fromColumn }
    if (key === 'ArrowRight' && edge.from === node && edge.fromColumn === column && drawn(edge.to, edge.toColumn ?? null)) return { node: edge.to, column: edge.toColumn ?? null }
  }
  return null
}
