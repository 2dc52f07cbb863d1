import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import SourceFormPage from '../../src/modules/sources/SourceFormPage.vue'
import { PRODUCTS, hasPassword, kindOf, nameFor, productOf } from '../../src/modules/sources/address'
import { chooseLocale } from '../../src/i18n'
import { Hub, json, mountPage, refusal } from './mounting'

const DRAFT = { location: '/srv/exchange/ecology', username: '', departmentId: 'ecology', title: '监测文件', name: 'ecology_files' }

describe('connecting a source', () => {
  let hub: Hub
  beforeEach(() => {
    chooseLocale('zh-CN')
    document.body.innerHTML = ''
    sessionStorage.clear()
    hub = new Hub().on('GET', /departments/, () => json([{ id: 'ecology', name: '市生态环境局', nameEn: 'Ecology' }])).install()
  })
  const open = async () => {
    sessionStorage.setItem('qiantang.source-draft', JSON.stringify(DRAFT))
    return mountPage(SourceFormPage)
  }

  it('does not submit twice', async () => {
    let answer: (response: Response) => void = () => undefined
    hub.on('POST', /sources$/, () => new Promise<Response>((resolve) => (answer = resolve)))
    const { wrapper, router } = await open()
    const form = wrapper.get('form')
    await form.trigger('submit')
    await form.trigger('submit')
    await wrapper.get('[data-testid=save-source]').trigger('click')
    expect(hub.of('POST', /sources$/)).toBe(1)
    hub.on('POST', /runs$/, () => json({ id: 'run-1' }, 202))
    answer(json({ id: 'src-1' }, 201))
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/runs/run-1')
    expect(sessionStorage.getItem('qiantang.source-draft')).toBeNull()
  })
  it('keeps the draft on 409 and says which field to change', async () => {
    hub.on('POST', /sources$/, () => refusal(409, 'collect.source_exists'))
    const { wrapper } = await open()
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.get('[data-testid=source-name-error]').text()).toBe('中文：collect.source_exists')
    expect((wrapper.get('#location').element as HTMLInputElement).value).toBe(DRAFT.location)
    expect(wrapper.get('[data-testid=save-failed]').text()).toContain('您填的内容都还在')
  })
  it('says where departments come from when there is none yet', async () => {
    hub.on('GET', /departments/, () => json([]))
    const { wrapper } = await open()
    await flushPromises()
    expect(wrapper.get('[data-testid=department-hint]').text()).toContain('机构 → 导入')
  })
  it('brings the draft back after a reload, but never the password', async () => {
    const { wrapper } = await open()
    expect(wrapper.find('[data-testid=draft-restored]').exists()).toBe(true)
    await wrapper.get('#location').setValue('jdbc:postgresql://h/db')
    await wrapper.get('#source-password').setValue('secret')
    await flushPromises()
    expect(JSON.stringify({ ...sessionStorage })).not.toContain('secret')
    expect(sessionStorage.getItem('qiantang.source-draft')).toContain('jdbc:postgresql://h/db')
  })
  it('asks to confirm the key of an SFTP server before anything is sent to it again', async () => {
    const fingerprint = 'SHA256:q1w2e3/r4+t5'
    hub.on('POST', /test$/, () => json({ code: 'collect.host_key_not_confirmed', status: 422, zh: `指纹 ${fingerprint}，请核对`, en: `whether its host key is ${fingerprint}; if so` }, 422))
    const { wrapper } = await open()
    await wrapper.get('#location').setValue('sftp://10.1.2.3/exchange')
    await wrapper.get('#source-username').setValue('reader')
    await wrapper.get('[data-testid=test-connection]').trigger('click')
    await flushPromises()
    expect(wrapper.find('[data-testid=trust-host-key]').exists()).toBe(true)
    await wrapper.get('[data-testid=trust-host-key]').trigger('click')
    expect((wrapper.get('#setting-hostKey').element as HTMLInputElement).value).toBe(fingerprint)
    expect(wrapper.find('[data-testid=trust-host-key]').exists()).toBe(false)
  })
  it('does not show an old test as if it were of the new address', async () => {
    hub.on('POST', /test$/, () => json({ ok: true, product: '文件夹', version: '', objects: { FILE: 2 }, unreadable: [], estimatedRows: 5, estimatedBytes: 9, millis: 3 }))
    const { wrapper } = await open()
    await wrapper.get('[data-testid=test-connection]').trigger('click')
    await flushPromises()
    expect(wrapper.find('[data-testid=test-result]').exists()).toBe(true)
    await wrapper.get('#location').setValue('/srv/exchange/other')
    expect(wrapper.find('[data-testid=test-result]').exists()).toBe(false)
  })
  it('refuses a password inside the address before it is sent', async () => {
    const { wrapper } = await open()
    await wrapper.get('#location').setValue('jdbc:postgresql://h/db?user=a&password=b')
    await wrapper.get('[data-testid=test-connection]').trigger('click')
    expect(hub.of('POST', /test$/)).toBe(0)
    expect(wrapper.text()).toContain('地址里含有密码')
  })
  it('says how the address of a product is written and which driver it needs', async () => {
    const { wrapper } = await open()
    await wrapper.get('#location').setValue('jdbc:oracle:thin:@//h:1521/hr')
    expect(wrapper.get('[data-testid=source-kind]').text()).toContain('Oracle')
    expect(wrapper.get('#location-hint').text()).toContain('jdbc:oracle:thin:@//host:1521/service')
    expect(wrapper.get('#location-hint').text()).toContain('ojdbc11.jar')
    await wrapper.get('#location').setValue('jdbc:mysql://h/hr')
    expect(wrapper.get('#location-hint').text()).not.toContain('drivers')
  })
  it('sends how a database is to be read, and only what was filled in', async () => {
    hub.on('POST', /test$/, () => refusal(422, 'collect.no_driver'))
    const { wrapper } = await open()
    await wrapper.get('#location').setValue('jdbc:mysql://h/hr')
    await wrapper.get('[data-testid=test-connection]').trigger('click')
    expect(hub.of('POST', /test$/)).toBe(0)
    await wrapper.get('#source-username').setValue('reader')
    await wrapper.get('#max-connections').setValue('65')
    await wrapper.get('[data-testid=test-connection]').trigger('click')
    expect(hub.of('POST', /test$/)).toBe(0)
    await wrapper.get('#max-connections').setValue('3')
    await wrapper.get('[data-testid=test-connection]').trigger('click')
    await flushPromises()
    expect(hub.calls.findLast((call) => call.path.endsWith('/test'))?.body).toEqual({ location: 'jdbc:mysql://h/hr', username: 'reader', password: '', settings: { maxConnections: '3' } })
  })
  it('asks for no account where a database is a file', async () => {
    hub.on('POST', /test$/, () => refusal(422, 'collect.no_driver'))
    const { wrapper } = await open()
    await wrapper.get('#location').setValue('jdbc:sqlite:/srv/exchange/a.db')
    await wrapper.get('[data-testid=test-connection]').trigger('click')
    expect(hub.of('POST', /test$/)).toBe(1)
  })
})

describe('an address', () => {
  it('says by itself what it is', () => {
    expect(kindOf('jdbc:postgresql://10.0.0.1:5432/police')).toBe('POSTGRES')
    expect(kindOf('/srv/exchange/生态')).toBe('FOLDER')
    expect(kindOf('jdbc:mysql://10.0.0.1/police')).toBe('DATABASE')
    expect(kindOf('jdbc:dm://10.0.0.1:5236?schema=HR')).toBe('DATABASE')
    expect(kindOf('police')).toBeNull()
    expect(kindOf('jdbc:mysql')).toBeNull()
    for (const product of Object.values(PRODUCTS)) {
      expect(kindOf(product.example)).toBe('DATABASE')
      expect(productOf(product.example)).toEqual(product)
    }
    expect(productOf('jdbc:informix://h/db')).toBeNull()
  })
  it('makes a name the lake can hold', () => {
    expect(nameFor('jdbc:postgresql://h:5432/Police-DB?ssl=true', 'police')).toBe('police_db')
    expect(nameFor('jdbc:sqlserver://h:1433;databaseName=HR;encrypt=true', 'hr')).toBe('hr')
    expect(nameFor('jdbc:oracle:thin:@//h:1521/Fund', 'fund')).toBe('fund')
    expect(nameFor('jdbc:sqlite:/srv/exchange/points.db', 'p')).toBe('points')
    expect(nameFor('/srv/12345/', 'hotline')).toBe('s_12345')
    expect(nameFor('/srv/生态', 'ecology')).toBe('ecology')
  })
  it('may not carry a password', () => {
    expect(hasPassword('jdbc:postgresql://u:p@h/db')).toBe(true)
    expect(hasPassword('jdbc:postgresql://h/db?ssl=true')).toBe(false)
    expect(hasPassword('jdbc:sqlserver://h;user=a;password=b')).toBe(true)
    expect(hasPassword('jdbc:oracle:thin:scott/tiger@//h/db')).toBe(true)
    expect(hasPassword('jdbc:oracle:thin:@//h/db')).toBe(false)
  })
})
