import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chooseLocale } from '../../src/i18n'
import OpenDatasetPage from '../../src/modules/open/OpenDatasetPage.vue'
import OwnDataPage from '../../src/modules/own-footprints/OwnDataPage.vue'
import OwnFootprintsPage from '../../src/modules/own-footprints/OwnFootprintsPage.vue'
import { Hub, json, mountPage, refusal } from './mounting'

const CIVIL = { id: 'civil', name: '民政局', nameEn: 'Civil Affairs Bureau' }
const read = (more: object) => ({
  first: '2026-11-23T02:00:00Z',
  last: '2026-11-23T02:00:00Z',
  times: 1,
  reader: 'DEPARTMENT',
  department: CIVIL,
  reach: 'NAMED',
  purpose: 'sql',
  scenario: '低保资格核对',
  why: '核对户籍',
  legalBasis: '社会救助暂行办法第十七条',
  grant: 'GX2026-000001',
  caseNumber: '救助-2026-0042',
  resources: [{ title: '户籍登记', provider: CIVIL }],
  reads: [{ access: 7, at: '2026-11-23T02:00:00Z' }],
  ...more,
})
const TIMELINE = {
  month: '2026-11',
  months: [{ month: '2026-10', reads: 3 }],
  footprints: [read({}), read({ reader: 'PLATFORM', department: null, reach: 'SUMMARY', purpose: 'never-heard-of', reads: [{ access: 9, at: '2026-11-23T02:00:00Z' }] })],
  more: false,
}

beforeEach(() => chooseLocale('zh-CN'))
afterEach(() => {
  document.body.innerHTML = ''
})

describe('who read about me', () => {
  it('says department, purpose, law, grant and case, and keeps statistics out until they are asked for', async () => {
    new Hub().on('GET', /footprints/, () => json(TIMELINE)).install()
    const { wrapper } = await mountPage(OwnFootprintsPage, { person: { roles: ['RESIDENT'] } })
    expect(wrapper.findAll('[data-testid=own-footprint]')).toHaveLength(1)
    for (const word of ['民政局', '核对户籍', '社会救助暂行办法第十七条', 'GX2026-000001', '救助-2026-0042', '户籍登记']) expect(wrapper.text()).toContain(word)
    await wrapper.get('[data-testid=own-summary]').setValue(true)
    expect(wrapper.findAll('[data-testid=own-footprint]')).toHaveLength(2)
    expect(wrapper.text()).toContain('平台处理（never-heard-of）')
  })

  it('asks for another month, the present one too when nothing is in it', async () => {
    const hub = new Hub().on('GET', /footprints/, () => json(TIMELINE)).install()
    const { wrapper } = await mountPage(OwnFootprintsPage, { person: { roles: ['RESIDENT'] } })
    expect(wrapper.findAll('[data-testid=own-month] option').map((one) => one.attributes('value'))).toEqual(['2026-11', '2026-10'])
    await wrapper.get('[data-testid=own-month]').setValue('2026-10')
    await flushPromises()
    expect(hub.of('GET', /month=2026-10/)).toBe(1)
  })

  it('sends a question once and keeps its words when it is refused', async () => {
    let refuse = true
    const hub = new Hub()
      .on('GET', /footprints/, () => json(TIMELINE))
      .on('POST', /footprints\/7\/question$/, () => (refuse ? refusal(409, 'portal.already_asked') : json({ number: 'ZX2026-000001', due: '2026-12-07T09:30:00Z' }, 201)))
      .install()
    const { wrapper } = await mountPage(OwnFootprintsPage, { person: { roles: ['RESIDENT'] } })
    await wrapper.get('[data-testid=own-ask]').trigger('click')
    const words = wrapper.get('[data-testid=own-question]')
    await words.setValue('为什么查询我？')
    await wrapper.get('form').trigger('submit')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.text()).toContain('portal.already_asked')
    expect((wrapper.get('[data-testid=own-question]').element as HTMLTextAreaElement).value).toBe('为什么查询我？')
    refuse = false
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.get('[data-testid=own-asked]').text()).toContain('ZX2026-000001')
    expect(hub.of('POST', /question/)).toBe(2)
  })
})

describe('what the city holds about me', () => {
  it('names what the law keeps back, with the law, and offers nothing of it', async () => {
    const holding = { entry: 'e1', title: '出入境记录', summary: '', provider: CIVIL, records: null, withheld: '反间谍法第二十三条' }
    new Hub().on('GET', /holdings/, () => json([holding])).install()
    const { wrapper } = await mountPage(OwnDataPage, { person: { roles: ['RESIDENT'] } })
    expect(wrapper.get('[data-testid=own-withheld]').text()).toContain('反间谍法第二十三条')
    expect(wrapper.find('[data-testid=own-show]').exists()).toBe(false)
  })
})

describe('an open dataset', () => {
  const dataset = { id: 'd1', code: '306001/1', title: '公园名录', summary: '公园', provider: CIVIL, openClass: 'OPEN', condition: null, theme: null, updateCycle: 'DAILY', publishedOn: '2026-11-20', asOf: null, rows: 2, downloads: 0 }
  const whole = { dataset, fields: [{ name: 'park', title: '公园', type: 'string' }], quality: null, completeness: null, licence: 'CC BY 4.0', statistic: null, calls: 0, mostRows: 1000 }

  it('that is open on conditions shows how to apply and asks for no row', async () => {
    const hub = new Hub().on('GET', /datasets\/d1$/, () => json({ ...whole, fields: [], dataset: { ...dataset, openClass: 'RESTRICTED', condition: '签订协议后开放' } })).install()
    const { wrapper } = await mountPage(OpenDatasetPage, { at: '/open/d1', route: '/open/:id' })
    expect(wrapper.get('[data-testid=open-condition]').text()).toContain('签订协议后开放')
    expect(hub.of('GET', /rows/)).toBe(0)
  })

  it('says how many rows have no counts, and why', async () => {
    new Hub()
      .on('GET', /datasets\/d1$/, () => json({ ...whole, statistic: { dimensions: ['park'], counts: ['n'], threshold: 5 } }))
      .on('GET', /rows/, () => json({ asOf: '2026-11-23T02:00:00Z', columns: ['park', 'n'], rows: [['花港', null], ['湖滨', '70']], offset: 0, more: false, suppressed: 1, contested: [] }))
      .install()
    const { wrapper } = await mountPage(OpenDatasetPage, { at: '/open/d1', route: '/open/:id' })
    await flushPromises()
    expect(wrapper.get('[data-testid=open-suppressed]').text()).toContain('阈值 5')
    expect(wrapper.get('[data-testid=open-rows]').text()).toContain('—')
  })
})
