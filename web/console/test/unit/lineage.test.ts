import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { LineageEdge, LineageGraph, LineageNode } from '@qiantang/api'
import { chooseLocale } from '../../src/i18n'
import LineagePage from '../../src/modules/lineage/LineagePage.vue'
import { FEW_COLUMNS, FEW_TABLES, layout, next, place, trace } from '../../src/modules/lineage/layout'
import { Hub, json, mountPage, refusal } from './mounting'

const node = (id: string, step: number, columns: string[], more: Partial<LineageNode> = {}): LineageNode => ({
  id,
  kind: 'TABLE',
  resource: `00000000-0000-4000-8000-00000000000${Math.abs(step)}`,
  name: id,
  title: id,
  department: { id: 'police', name: '公安局', nameEn: 'Public Security Bureau' },
  step,
  made: null,
  columns: columns.map((name) => ({ name, comment: null, level: 'L1' as const })),
  ...more,
})
const edge = (from: string, fromColumn: string, to: string, toColumn: string | null, way: LineageEdge['way'] = 'IDENTITY'): LineageEdge => ({ from, fromColumn, to, toColumn, way })

const chain: LineageGraph = {
  start: 'ind.population',
  nodes: [node('police:public.resident', -3, ['ID'], { kind: 'SOURCE', resource: null }), node('raw.resident', -2, ['id', 'alive']), node('std.resident', -1, ['id']), node('ind.population', 0, ['persons', 'district'])],
  edges: [edge('police:public.resident', 'ID', 'raw.resident', 'id'), edge('raw.resident', 'id', 'std.resident', 'id'), edge('raw.resident', 'alive', 'std.resident', null, 'FILTER'), edge('std.resident', 'id', 'ind.population', 'persons', 'COUNT')],
  unknown: [],
  truncated: false,
}

describe('a lineage that is drawn', () => {
  it('leads from an indicator to the column at its source', () => {
    const found = trace(chain.edges, 'ind.population', 'persons')
    expect(found.places.has(place('police:public.resident', 'ID'))).toBe(true)
    expect(found.places.has(place('raw.resident', 'alive'))).toBe(false)
    expect(found.edges.size).toBe(3)
  })
  it('comes to an end where tables are made of each other', () => {
    const circle = [edge('a', 'x', 'b', 'x'), edge('b', 'x', 'a', 'x')]
    expect(trace(circle, 'a', 'x').edges.size).toBe(2)
  })
  it('stands from left to right by how far tables are', () => {
    const drawn = layout(chain, new Set(), new Set(), new Set())
    expect(drawn.boxes.map((box) => box.x)).toEqual([...drawn.boxes.map((box) => box.x)].sort((a, b) => a - b))
    expect(drawn.lines).toHaveLength(4)
  })
  it('draws few of two hundred tables and few of many columns, but always what was chosen', () => {
    const many = Array.from({ length: 200 }, (_, i) => node(`t${String(i).padStart(3, '0')}`, 1, Array.from({ length: 30 }, (__, c) => `c${c}`)))
    const graph: LineageGraph = { start: 's', nodes: [node('s', 0, ['x']), ...many], edges: many.map((one) => edge('s', 'x', one.id, 'c0')), unknown: [], truncated: false }
    const drawn = layout(graph, new Set(), new Set(), new Set([place('t199', 'c29')]))
    expect(drawn.boxes.length).toBe(1 + FEW_TABLES + 1)
    expect(drawn.more[0]?.n).toBe(200 - FEW_TABLES - 1)
    expect(drawn.boxes.find((box) => box.node.id === 't199')?.rows.map((row) => row.column)).toContain('c29')
    expect(drawn.boxes.find((box) => box.node.id === 't000')?.rows).toHaveLength(FEW_COLUMNS)
    expect(layout(graph, new Set(['t000']), new Set([1]), new Set()).boxes).toHaveLength(201)
  })
  it('is walked with the arrow keys', () => {
    const drawn = layout(chain, new Set(), new Set(), new Set())
    expect(next(drawn, 'ind.population', 'persons', 'ArrowLeft')).toEqual({ node: 'std.resident', column: 'id' })
    expect(next(drawn, 'std.resident', 'id', 'ArrowRight')).toEqual({ node: 'ind.population', column: 'persons' })
    expect(next(drawn, 'raw.resident', 'id', 'ArrowDown')).toEqual({ node: 'raw.resident', column: 'alive' })
    expect(next(drawn, 'police:public.resident', 'ID', 'ArrowLeft')).toBeNull()
  })
})

describe('the page', () => {
  const ID = '00000000-0000-4000-8000-000000000000'
  let hub: Hub
  beforeEach(() => {
    chooseLocale('zh-CN')
    document.body.innerHTML = ''
    hub = new Hub().install()
  })
  const open = async (query = '') => {
    const { wrapper } = await mountPage(LineagePage, { route: '/lineage/:id', at: `/lineage/${ID}${query}` })
    return wrapper
  }

  it('lights up the way of the column that is chosen and tells what would break', async () => {
    hub.on('GET', /\/lineage/, () => json(chain))
    hub.on('GET', /\/impact/, () => json({ table: 'std.resident', column: 'id', truncated: false, affected: [{ kind: 'TABLE', resource: ID, entry: null, name: 'ind.population', column: null, department: { id: 'police', name: '公安局', nameEn: '' }, direct: true, steps: 1 }] }))
    const wrapper = await open()
    const row = wrapper.findAll('[data-place]').find((each) => each.attributes('data-place') === place('std.resident', 'id'))!
    await row.trigger('keydown', { key: 'Enter' })
    expect(row.attributes('aria-pressed')).toBe('true')
    expect(wrapper.findAll('path.lit')).toHaveLength(3)
    await wrapper.get('[data-testid=impact]').trigger('click')
    await flushPromises()
    expect(document.body.textContent).toContain('ind.population')
    expect(document.body.textContent).toContain('公安局')
    expect(hub.calls.at(-1)?.path).toContain('column=id')
  })
  it('is a table for whoever wants one', async () => {
    hub.on('GET', /\/lineage/, () => json(chain))
    const wrapper = await open('?column=persons')
    await wrapper.get('[data-testid=as-table]').trigger('click')
    const words = wrapper.get('[data-testid=lineage-table]').text()
    expect(words).toContain('raw.resident.id')
    expect(words).toContain('计数')
    expect(words).not.toContain('alive')
  })
  it('says what cannot be told', async () => {
    hub.on('GET', /\/lineage/, () => json({ ...chain, unknown: [{ node: 'std.resident', column: '*', from: 'raw.resident', reason: 'COLUMNS with a condition' }] }))
    expect((await open()).get('[data-testid=lineage-unknown]').text()).toContain('COLUMNS with a condition')
  })
  it('says that nothing else uses a table, and what went wrong', async () => {
    hub.on('GET', /\/lineage/, () => json({ ...chain, edges: [] }))
    expect((await open()).text()).toContain('还没有别的表用到它')
    document.body.innerHTML = ''
    hub.on('GET', /\/lineage/, () => refusal(404, 'core.not_found'))
    expect((await open()).text()).toContain('中文：core.not_found')
  })
})
