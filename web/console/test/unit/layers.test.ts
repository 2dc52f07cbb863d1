import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { chooseLocale } from '../../src/i18n'
import EditorPage from '../../src/modules/layers/EditorPage.vue'
import LayersPage from '../../src/modules/layers/LayersPage.vue'
import MappingPage from '../../src/modules/layers/MappingPage.vue'
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
