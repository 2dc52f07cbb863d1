import { flushPromises } from '@vue/test-utils'
import type { VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fleet } from '@qiantang/api'
import FleetPage from '../../src/modules/fleet/FleetPage.vue'
import { STATES, filter, grouped, sorted, step, unpack } from '../../src/modules/fleet/fleet'
import { chooseLocale } from '../../src/i18n'
import { Hub, json, mountPage, refusal } from './mounting'

const DEPARTMENTS = 60
const SOURCES = 80
const TABLES = 5_000

/** A city of five thousand tables as the hub tells it. */
function city(tables = TABLES): Fleet {
  const of = <T>(make: (i: number) => T): T[] => Array.from({ length: tables }, (_, i) => make(i))
  const states = of((i) => (i % 100 === 7 ? 'FAILED' : i % 50 === 3 ? 'LATE' : 'FRESH') as Fleet['tables']['states'][number])
  return {
    asOf: '2026-11-23T08:00:00Z',
    total: tables,
    counts: [],
    departments: Array.from({ length: DEPARTMENTS }, (_, i) => ({ id: `d${i}`, name: `第${i}局`, nameEn: `Bureau ${i}` })),
    sources: Array.from({ length: SOURCES }, (_, i) => ({ id: `s${i}`, name: `source_${i}`, title: `来源${i}`, kind: 'POSTGRES' as const, departmentId: `d${i % DEPARTMENTS}`, followed: false, planned: true, running: false })),
    tables: { ids: of((i) => `t${i}`), sources: of((i) => i % SOURCES), names: of((i) => `public.table_${i}`), titles: of((i) => (i === 321 ? '常住人口' : '')), states, rows: of((i) => i * 3), asOf: of((i) => 1_795_000_000 - i), lags: of((i) => (i % 50 === 3 ? i : 0)), changed: [12] },
  }
}

let hub: Hub
beforeEach(() => {
  chooseLocale('zh-CN')
  document.body.innerHTML = ''
  hub = new Hub().install()
})
/** Drawn by a test's browser, which is slow with thousands of elements; how many they are matters where it is asked for only. */
const SOME = 600
// A page that stays open goes on asking.
const opened: VueWrapper[] = []
afterEach(() => opened.splice(0).forEach((page) => page.unmount()))
const open = async (at = '/fleet', fleet: unknown = city(SOME)) => {
  hub.on('GET', /\/api\/fleet/, () => json(fleet))
  const page = await mountPage(FleetPage, { route: '/fleet', at })
  opened.push(page.wrapper)
  return page
}

describe('five thousand tables', () => {
  it('are asked for once and are all there, as one stop of the Tab key', async () => {
    const { wrapper } = await open('/fleet', city())
    expect(hub.of('GET', /fleet/)).toBe(1)
    expect(wrapper.findAll('.cells .cell')).toHaveLength(TABLES)
    expect(wrapper.findAll('.cells .cell[tabindex="0"]')).toHaveLength(1)
    expect(wrapper.findAll('section.group')).toHaveLength(DEPARTMENTS)
    expect(wrapper.get('[data-testid=fleet-state-FAILED]').text()).toContain('50')
  }, 120_000)
  it('are narrowed as one types, without asking the hub again', async () => {
    const { wrapper } = await open()
    await wrapper.get('[data-testid=fleet-search]').setValue('常住 来源1')
    expect(wrapper.findAll('.cells .cell').map((cell) => cell.attributes('href'))).toEqual(['/catalogue/t321'])
    await wrapper.get('[data-testid=fleet-search]').setValue('没有这个')
    expect(wrapper.text()).toContain('没有符合条件的表')
    expect(hub.of('GET', /fleet/)).toBe(1)
  })
  it('are shown by state, with counts that say what a click would show', async () => {
    const { wrapper } = await open()
    await wrapper.get('[data-testid=fleet-state-LATE]').trigger('click')
    expect(wrapper.findAll('.cells .cell')).toHaveLength(12)
    expect(wrapper.get('[data-testid=fleet-state-FAILED]').text()).toContain('6')
  })
  it('scroll as a list of which only what is in view is drawn', async () => {
    const { wrapper } = await open('/fleet?view=list&sort=rows', city())
    expect(wrapper.findAll('.body [role=row]').length).toBeLessThan(60)
    expect(wrapper.get('[role=grid]').attributes('aria-rowcount')).toBe(String(TABLES + 1))
    expect(wrapper.get('.body [role=row]').text()).toContain('table_4999')
  })
  it('are walked by arrow keys from group to group', async () => {
    const { wrapper } = await open('/fleet?sort=name')
    const first = wrapper.get('.cells .cell[tabindex="0"]')
    ;(first.element as HTMLElement).focus()
    await first.trigger('keydown', { key: 'ArrowRight' })
    await flushPromises()
    expect(document.activeElement?.getAttribute('data-at')).toBe('0.1')
    await wrapper.get('[data-at="0.1"]').trigger('keydown', { key: 'End' })
    await flushPromises()
    expect(document.activeElement?.getAttribute('data-at')).toMatch(/^59\./)
    expect(wrapper.get('[data-testid=fleet-pointed]').text()).toContain('第59局')
  })
  it('are looked for by the hub where it could not send them all', async () => {
    const { wrapper } = await open('/fleet', { ...city(SOME), total: 90_000, counts: [{ departmentId: 'd1', state: 'LATE', tables: 90_000 }] })
    expect(wrapper.text()).toContain('90,000')
    await wrapper.get('[data-testid=fleet-search]').setValue('public')
    await expect.poll(() => hub.calls.some((call) => call.path.includes('q=public'))).toBe(true)
  })
  it('lead nowhere for who may not see the catalogue', async () => {
    hub.on('GET', /\/api\/fleet/, () => json(city(20)))
    const { wrapper } = await mountPage(FleetPage, { route: '/fleet', at: '/fleet', person: { roles: ['AUDITOR'] } })
    expect(wrapper.findAll('.cells .cell')).toHaveLength(20)
    expect(wrapper.find('.cells .cell[href]').exists()).toBe(false)
  })
  it('teach the next step when there are none, and give a code when they cannot be read', async () => {
    const empty = await open('/fleet', city(0))
    expect(empty.wrapper.text()).toContain('还没有数据表')
    hub.on('GET', /\/api\/fleet/, () => refusal(500, 'core.unexpected'))
    const failed = await mountPage(FleetPage, { route: '/fleet', at: '/fleet' })
    expect(failed.wrapper.get('[data-testid=error-state]').text()).toContain('core.unexpected')
  })
})

describe('the fleet', () => {
  it('puts first what is asked to be first', () => {
    const tables = unpack(city(200))
    expect(sorted(tables, 'state')[0]?.state).toBe('FAILED')
    expect(sorted(tables, 'rows')[0]?.rows).toBe(199 * 3)
    expect(sorted(tables, 'age')[0]?.asOf).toBe((1_795_000_000 - 199) * 1_000)
    expect(sorted(tables, 'lag')[0]?.lagSeconds).toBe(153)
    expect(STATES.at(-1)).toBe('FRESH')
  })
  it('keeps the changed apart', () => {
    expect(filter(unpack(city(200)), { q: '', state: '', department: '', changed: true }).map((table) => table.id)).toEqual(['t12'])
  })
  it('goes up and down through groups whose last row is short', () => {
    const fleet = city(200)
    const groups = grouped(unpack(fleet), fleet, 'source').slice(0, 2)
    expect(groups.map((group) => group.tables.length)).toEqual([3, 3])
    expect(step(groups, { group: 0, table: 0 }, 'ArrowDown', 2)).toEqual({ group: 0, table: 2 })
    expect(step(groups, { group: 0, table: 1 }, 'ArrowDown', 2)).toEqual({ group: 0, table: 2 })
    expect(step(groups, { group: 0, table: 2 }, 'ArrowDown', 2)).toEqual({ group: 1, table: 0 })
    expect(step(groups, { group: 1, table: 1 }, 'ArrowUp', 2)).toEqual({ group: 0, table: 2 })
    expect(step(groups, { group: 0, table: 2 }, 'ArrowRight', 2)).toEqual({ group: 1, table: 0 })
    expect(step(groups, { group: 0, table: 0 }, 'ArrowUp', 2)).toEqual({ group: 0, table: 0 })
  })
})
