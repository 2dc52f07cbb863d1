import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { chooseLocale } from '../../src/i18n'
import EditorPage from '../../src/modules/layers/EditorPage.vue'
import LayersPage from '../../src/modules/layers/LayersPage.vue'
import MappingPage from '../../src/modules/layers/MappingPage.vue'
import RecordPage from '../../src/modules/layers/RecordPage.vue'
import { compared } from '../../src/modules/layers/names'
import { Hub, json, mountPage, refusal } from './mounting'

const RUN = { id: '1', version: 1, state: 'MADE', startedAt: '2026-11-20T02:00:00Z', endedAt: '2026-11-20T02:00:02Z', inputs: [], rows: 2, added: 2, removed: 0, course: null as unknown, messageZh: null, messageEn: null }
const one = (table: string, layer: string, inputs: string[], state = 'CURRENT') => ({ table, layer, title: `表 ${table}`, titleEn: null, department: 'police', about: '', version: 1, state, inputs, resource: 'r1', last: RUN })
const ALL = [one('codes.sex', 'codes', []), one('std_person.a', 'std', ['raw_police.x', 'codes.sex']), one('base_person.b', 'base', ['std_person.a'], 'FAILED'), one('ind_air.c', 'ind', ['raw_air.y'])]
const WHOLE = {
  state: { ...ALL[1], version: 2 },
  key: ['id'],
  tests: 1,
  versions: [
    { version: 2, text: 'a\nc\nd', author: 'li', at: '2026-11-20T02:00:00Z' },
    { version: 1, text: 'a\nb\nd', author: 'li', at: '2026-11-19T02:00:00Z' },
  ],
  runs: [
    { ...RUN, state: 'FAILED', messageZh: '主键重复', messageEn: 'key' },
    { ...RUN, id: '2', course: { reason: null, about: '', read: [{ table: 'raw_police.x', rows: 3, of: 2000000 }] } },
    { ...RUN, id: '3', course: { reason: 'LOOKED_UP', about: 'codes.sex', read: [{ table: 'raw_police.x', rows: 2000000, of: 2000000 }] } },
  ],
}

let hub: Hub
beforeEach(() => {
  chooseLocale('zh-CN')
  document.body.innerHTML = ''
  hub = new Hub().install()
  hub.on('GET', /departments/, () => json([{ id: 'police', name: '公安局', nameEn: 'Police' }]))
  hub.on('GET', /mappings$/, () => json(ALL))
  hub.on('GET', /mappings\/std_person\.a$/, () => json(WHOLE))
})

describe('the layers', () => {
  it('fades what has nothing to do with the table one looks at', async () => {
    const { wrapper: page } = await mountPage(LayersPage, { at: '/layers' })
    await flushPromises()
    await page.get('[data-testid="mapping-base_person.b"]').trigger('mouseenter')
    const far = (table: string): boolean => page.get(`[data-testid="mapping-${table}"]`).classes('far')
    expect(['codes.sex', 'std_person.a', 'base_person.b', 'ind_air.c'].map(far)).toEqual([false, false, false, true])
    expect(page.get('[data-testid="mapping-base_person.b"]').text()).toContain('失败')
  })
})

describe('a mapping', () => {
  it('shows why it failed and what its version changed', async () => {
    const { wrapper: page } = await mountPage(MappingPage, { at: '/layers/std_person.a', route: '/layers/:table' })
    await flushPromises()
    expect(page.get('[data-testid=mapping-runs]').text()).toContain('主键重复')
    expect(page.get('[data-testid=mapping-text] pre').text()).toContain('− b')
    expect(page.get('[data-testid=mapping-text] pre').text()).toContain('+ c')
    expect(page.text()).toContain('base_person.b')
  })
  it('says of each run how it was made, why so and what was read', async () => {
    const { wrapper: page } = await mountPage(MappingPage, { at: '/layers/std_person.a', route: '/layers/:table' })
    await flushPromises()
    const runs = page.get('[data-testid=mapping-runs]').text()
    expect(runs).toContain('只生成有变化的主键')
    expect(runs).toContain('raw_police.x：3 / 2,000,000 行')
    expect(runs).toContain('codes.sex 变了，它不是按主键读取的')
  })
  it('compares line by line', () => {
    expect(compared('a\nb\nd', 'a\nc\nd\ne').map((line) => `${line.is[0]}${line.text}`)).toEqual(['sa', 'gb', 'nc', 'sd', 'ne'])
    expect(compared('', 'x').map((line) => line.is)).toContain('new')
  })
})

describe('the editor', () => {
  it('keeps what was written when it is refused, and says where a test failed', async () => {
    hub.on('POST', /mappings\/check$/, () => json({ table: 'std_person.a', columns: [{ name: 'id', type: 'VARCHAR', masked: false }], rows: [['1']], inputs: [], tests: [{ name: '一人一行', good: false, missing: ['{"id":"2"}'], unexpected: [] }] }))
    hub.on('POST', /mappings$/, () => refusal(422, 'refine.test_failed'))
    const { wrapper: page } = await mountPage(EditorPage, { at: '/layers/std_person.a/edit', route: '/layers/:table/edit' })
    await flushPromises()
    await page.get('[data-testid=mapping-check]').trigger('click')
    await flushPromises()
    expect(page.get('[data-testid=mapping-result]').text()).toContain('{"id":"2"}')
    await page.get('textarea').setValue('changed')
    await page.get('[data-testid=mapping-save]').trigger('click')
    await flushPromises()
    expect(page.text()).toContain('中文：refine.test_failed')
    expect((page.get('textarea').element as HTMLTextAreaElement).value).toBe('changed')
  })
})

const CLAIM = { table: 'raw_a.person', resource: 'r8', title: '常住人口', department: { id: 'police', name: '公安局', nameEn: 'Police' }, asOf: '2026-11-20T02:00:00Z', rowKey: '7', value: '甲', masked: false, precedence: 1, chosen: true, agrees: true, contested: false }
const RECORD = {
  table: 'base_person.b',
  title: '人口库',
  titleEn: null,
  department: { id: 'police', name: '公安局', nameEn: 'Police' },
  resource: 'r9',
  asOf: '2026-11-20T02:00:00Z',
  isContested: false,
  contested: [],
  fields: [
    { name: 'name', title: '姓名', level: 'L3', value: '甲*', masked: true, traced: 'ROWS', why: 'PRECEDENCE', claims: [CLAIM, { ...CLAIM, department: { id: 'hrss', name: '人社局', nameEn: 'Labour' }, rowKey: null, value: null, masked: true, chosen: false, agrees: false, contested: true }], columns: [] },
    { name: 'district', title: null, level: 'L1', value: null, masked: false, traced: 'COLUMNS', why: null, claims: [], columns: [{ table: 'raw_a.place', column: 'qhdm', resource: 'r7', title: '地址', department: null, asOf: null, ofThisRow: true }] },
  ],
}

describe('a record of a base library', () => {
  const mounted = async () => {
    hub.on('GET', /mappings\/base_person\.b$/, () => json({ ...WHOLE, state: ALL[2] }))
    const { wrapper: page, router } = await mountPage(RecordPage, { at: '/layers/base_person.b/record', route: '/layers/:table/record' })
    await flushPromises()
    return { page, router }
  }
  const look = async (page: Awaited<ReturnType<typeof mounted>>['page']): Promise<void> => {
    await page.get('[data-testid=key-id]').setValue(' 7 ')
    await page.get('[data-testid=record-form]').trigger('submit')
    await flushPromises()
  }

  it('shows who said each value, who said otherwise and why the one was taken', async () => {
    hub.on('POST', /record$/, () => json(RECORD))
    const { page, router } = await mounted()
    await look(page)
    const name = page.get('[data-testid=field-name]').text()
    for (const words of ['甲*', '优先次序在先', '公安局', '人社局', '与采用的不同', '有异议']) expect(name).toContain(words)
    expect(page.get('[data-testid=field-district]').text()).toContain('本条取自此表')
    expect(hub.calls.find((call) => call.path.endsWith('/record'))?.body).toEqual({ key: { id: '7' } })
    // The number of a person must not stay in the browser's history.
    expect(router.currentRoute.value.fullPath).toBe('/layers/base_person.b/record')
  })
  it('says that there is none without looking like a failure', async () => {
    hub.on('POST', /record$/, () => refusal(404, 'refine.no_such_record'))
    const { page } = await mounted()
    expect(page.text()).toContain('输入主键后查找')
    await look(page)
    expect(page.get('[data-testid=empty-state]').text()).toContain('没有找到')
    expect(page.find('[data-testid=error-state]').exists()).toBe(false)
  })
  it('keeps what was found before away from somebody who may not see the next', async () => {
    hub.on('POST', /record$/, () => json(RECORD))
    const { page } = await mounted()
    await look(page)
    hub.on('POST', /record$/, () => refusal(403, 'refine.not_yours_to_read'))
    await look(page)
    expect(page.find('[data-testid=record]').exists()).toBe(false)
    expect(page.text()).not.toContain('公安局')
  })
  it('opens a ticket to whose value differs, once', async () => {
    hub.on('POST', /record$/, () => json(RECORD))
    hub.on('POST', /tickets$/, () => json({ ticket: { id: 't1' } }))
    const { page } = await mounted()
    await look(page)
    await page.get('[data-testid=ticket-name-1]').trigger('click')
    await flushPromises()
    const words = document.querySelector<HTMLTextAreaElement>('[data-testid=ticket-words]')
    expect(words?.value).toContain('人社局')
    expect(words?.value).not.toContain('甲')
    const open = document.querySelector<HTMLButtonElement>('[data-testid=ticket-open]')
    open?.click()
    open?.click()
    await flushPromises()
    expect(hub.of('POST', /tickets$/)).toBe(1)
    expect(page.get('[data-testid=ticket-opened]').attributes('href')).toBe('/tickets/t1')
  })
})
