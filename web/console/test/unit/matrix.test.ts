import { beforeEach, describe, expect, it } from 'vitest'
import type { DepartmentOverview, TableCell } from '@qiantang/api'
import { CompletenessMatrix } from '@qiantang/ui'
import { chooseLocale } from '../../src/i18n'
import { mountPage } from './mounting'

const cell = (name: string, state: TableCell['state'], rejected = 0): TableCell => ({ resourceId: `r-${name}`, name, state, rows: state === 'UNREADABLE' ? 0 : 1234, rejected })
const department = (id: string, cells: TableCell[]): DepartmentOverview => ({
  id,
  name: `部门${id}`,
  nameEn: `Department ${id}`,
  sources: cells.length ? 1 : 0,
  tables: cells.length,
  completeTables: cells.filter((one) => one.state === 'COMPLETE').length,
  rows: cells.length * 1234,
  rejected: 0,
  bytes: 1,
  completeness: null,
  lastFinishedAt: null,
  state: cells.length ? 'INCOMPLETE' : 'NEVER',
  running: 0,
  tablesState: cells,
})
const city = [department('a', [cell('住户', 'COMPLETE'), cell('婚姻', 'UNREADABLE'), cell('低保', 'INCOMPLETE', 3)]), department('b', [])]
const show = async (departments = city) => (await mountPage(CompletenessMatrix, { props: { departments, resourceLink: (one: TableCell) => `/catalogue/${one.resourceId}` } })).wrapper

describe('the matrix of completeness', () => {
  beforeEach(() => chooseLocale('zh-CN'))

  it('says in words what it shows', async () => {
    expect((await show()).get('[data-testid=matrix-summary]').text()).toBe('2 个部门，3 张表中 1 张已收全。未收全的部门：部门a。')
  })
  it('names every cell for those who cannot see it, and never calls an unread table empty', async () => {
    const cells = (await show()).findAll('.cells a.cell')
    expect(cells.map((one) => one.attributes('aria-label'))).toEqual(['部门a，住户：完整，1,234 行', '部门a，婚姻：无权读取', '部门a，低保：不完整，1,234 行，拒收 3 行'])
    expect(cells[2]?.attributes('href')).toBe('/catalogue/r-低保')
  })
  it('has its table one click away', async () => {
    const wrapper = await show()
    await wrapper.get('[data-testid=matrix-as-table]').trigger('click')
    expect(wrapper.findAll('[data-testid=matrix-table] tbody tr')).toHaveLength(2)
  })
  it('is one tab stop, walked by arrow keys', async () => {
    const wrapper = await show()
    expect(wrapper.findAll('.cell[tabindex="0"]')).toHaveLength(1)
    await wrapper.get('.cell[tabindex="0"]').trigger('keydown', { key: 'ArrowRight' })
    expect(wrapper.get('.cell[tabindex="0"]').attributes('aria-label')).toContain('婚姻')
  })
  it('tells a department never collected from one with nothing missing', async () => {
    expect((await show()).get('[data-testid=matrix-row-b]').text()).toContain('还没有接入数源系统')
  })
  it('never hides a problem among a thousand complete tables', async () => {
    const many = [department('a', [...Array.from({ length: 1000 }, (_, i) => cell(`t${i}`, 'COMPLETE')), cell('坏', 'FAILED')])]
    const wrapper = await show(many)
    expect(wrapper.findAll('.cells a.cell').length).toBeLessThan(300)
    expect(wrapper.find('.cells .cell[data-state=FAILED]').exists()).toBe(true)
    expect(wrapper.text()).toContain('另有')
  })
})
