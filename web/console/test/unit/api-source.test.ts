import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import SourceFormPage from '../../src/modules/sources/SourceFormPage.vue'
import { kindOf, nameFor } from '../../src/modules/sources/address'
import { blankApi, blankList, fillFound, settingsOf } from '../../src/modules/sources/apiSettings'
import { chooseLocale } from '../../src/i18n'
import { Hub, json, mountPage } from './mounting'

const FOUND = { name: 'permits', path: null, records: '/data/list', total: '/data/total', paging: { step: 'PAGE', param: 'pageNo', sizeParam: 'pageSize', size: 20, first: 1, next: null } }
const PREVIEW = { object: 'permits', columns: ['id', '名称'], rows: [['1', '许可'], ['2', null]], total: 95, found: JSON.stringify(FOUND) }

describe('connecting an API', () => {
  let hub: Hub
  beforeEach(() => {
    chooseLocale('zh-CN')
    document.body.innerHTML = ''
    sessionStorage.clear()
    hub = new Hub().on('GET', /departments/, () => json([{ id: 'market', name: '市场监管局', nameEn: 'Market' }])).install()
  })

  it('shows the first records and keeps what was found for saving', { timeout: 20_000 }, async () => {
    hub.on('POST', /test$/, () => json({ ok: true, product: 'HTTP API', version: '', objects: { ENDPOINT: 1 }, unreadable: [], estimatedRows: 95, estimatedBytes: 0, millis: 9, previews: [PREVIEW] }))
    hub.on('POST', /sources$/, () => json({ id: 'src-1' }, 201))
    sessionStorage.setItem('qiantang.source-draft', JSON.stringify({ location: 'https://api.market.example/permits?pageNo=1&pageSize=20', departmentId: 'market', title: '许可', name: 'permits' }))
    const { wrapper } = await mountPage(SourceFormPage)
    await wrapper.get('[data-testid=test-connection]').trigger('click')
    await flushPromises()
    const preview = wrapper.get('[data-testid=source-preview]').text()
    expect(preview).toContain('95')
    expect(preview).toContain('页码 (pageNo)')
    expect(preview).toContain('∅')
    expect((wrapper.get('#api-total-0').element as HTMLInputElement).value).toBe('/data/total')
    await wrapper.get('[data-testid=save-source]').trigger('click')
    await flushPromises()
    const saved = hub.calls.find((call) => call.method === 'POST' && /sources$/.test(call.path))?.body as { settings: Record<string, string> }
    expect(JSON.parse(saved.settings.resources ?? '')).toEqual([{ name: 'permits', records: '/data/list', total: '/data/total', paging: { step: 'PAGE', param: 'pageNo', sizeParam: 'pageSize', size: 20, first: 1 } }])
  })
  it('asks for no key when the interface does not', { timeout: 20_000 }, async () => {
    sessionStorage.setItem('qiantang.source-draft', JSON.stringify({ location: 'https://api.market.example/permits' }))
    const { wrapper } = await mountPage(SourceFormPage)
    expect(wrapper.find('#source-password').exists()).toBe(false)
  })
  it('asks for id and secret when requests are signed', { timeout: 20_000 }, async () => {
    sessionStorage.setItem('qiantang.source-draft', JSON.stringify({ location: 'https://api.market.example/permits', api: { ...blankApi(), auth: 'hmac' } }))
    const { wrapper } = await mountPage(SourceFormPage)
    expect(wrapper.find('#source-password').exists()).toBe(true)
    expect(wrapper.find('#source-username').exists()).toBe(true)
    expect(wrapper.find('#api-canonical').exists()).toBe(true)
  })
})

describe('the settings of an API', () => {
  it('are none when the address says it all', () => {
    expect(settingsOf(blankApi())).toEqual({})
  })
  it('hold only what belongs to the way of signing in', () => {
    const api = { ...blankApi(), auth: 'bearer' as const, values: { authName: 'X-Key', canonical: '{body}', requestsPerSecond: '2' } }
    expect(settingsOf(api)).toEqual({ auth: 'bearer', requestsPerSecond: '2' })
  })
  it('do not overwrite what a person has written', () => {
    const api = { ...blankApi(), lists: [{ ...blankList(), name: 'permits', records: '/other', step: 'NONE' as const }] }
    const filled = fillFound(api, [PREVIEW]).lists[0]
    expect(filled).toMatchObject({ records: '/other', total: '/data/total', step: 'NONE', param: '' })
  })
  it('are of an address that is an API', () => {
    expect(kindOf('https://api.example/permits')).toBe('API')
    expect(nameFor('https://api.example/v1/permits?page=1', 'market')).toBe('permits')
  })
})
