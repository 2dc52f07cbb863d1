import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import AccountsPage from '../../src/modules/accounts/AccountsPage.vue'
import AuditPage from '../../src/modules/audit/AuditPage.vue'
import ImportPage from '../../src/modules/organisation/ImportPage.vue'
import OrganisationPage from '../../src/modules/organisation/OrganisationPage.vue'
import { placed } from '../../src/modules/organisation/tree'
import OwnAccountPage from '../../src/modules/own-account/OwnAccountPage.vue'
import SignInPage from '../../src/modules/sign-in/SignInPage.vue'
import { chooseLocale } from '../../src/i18n'
import { modules } from '../../src/modules'
import { Hub, json, mountPage, refusal } from './mounting'

let hub: Hub
beforeEach(() => {
  chooseLocale('zh-CN')
  document.body.innerHTML = ''
  hub = new Hub().install()
})
const always = { from: null, to: null }
const entry = (id: string, parent: string | null = null) => ({ department: { id, name: `${id}局`, nameEn: id }, uscc: null, division: '3301', parent, ordinal: 1, validity: always })
const row = (code: string, name: string, hasChildren = false) => ({ code, name, nameEn: null, validity: always, hasChildren })

describe('the organisation', () => {
  it('shows departments under those they are a part of, and those without one at the top', () => {
    const shown = placed([entry('b', 'a'), entry('a'), entry('c', 'gone')])
    expect(shown.map((one) => [one.entry.department.id, one.depth])).toEqual([['a', 0], ['b', 1], ['c', 0]])
  })
  it('asks again for the day that is chosen and says so', async () => {
    hub.on('GET', /departments\?/, () => json([entry('police')])).on('GET', /divisions\?/, () => json([]))
    const { wrapper } = await mountPage(OrganisationPage, { route: '/organisation', at: '/organisation' })
    await wrapper.get('[data-testid=as-of]').setValue('2021-04-08')
    await flushPromises()
    expect(hub.of('GET', /departments\?asOf=2021-04-08/)).toBe(1)
    expect(wrapper.text()).toContain('显示的是 2021-04-08 的情况')
  })
  it('opens a division only when asked, and says what became of an abolished one', async () => {
    hub
      .on('GET', /departments\?/, () => json([]))
      .on('GET', /divisions\?asOf/, () => json([row('3301', '杭州市', true)]))
      .on('GET', /divisions\?parent=3301/, () => json([row('330106', '西湖区')]))
      .on('GET', /divisions\/330104/, () =>
        json({ code: '330104', day: '2026-11-23', current: null, resolved: [row('330102', '上城区'), row('330114', '钱塘区')], path: [], periods: [{ code: '330104', name: '江干区', nameEn: null, parent: '3301', validity: { from: null, to: '2021-04-09' }, successors: ['330102', '330114'] }], predecessors: [] }),
      )
    const { wrapper } = await mountPage(OrganisationPage, { route: '/organisation', at: '/organisation?division=330104' })
    await flushPromises()
    expect(wrapper.get('[data-testid=resolved]').text()).toContain('钱塘区')
    expect(hub.of('GET', /parent=3301/)).toBe(0)
    await wrapper.get('[data-testid=open-3301]').trigger('click')
    await flushPromises()
    expect(wrapper.find('[data-testid=division-330106]').exists()).toBe(true)
  })
})

describe('importing', () => {
  const counts = { added: 1, changed: 0, ended: 0, same: 0, errors: 0, warnings: 0 }
  const plan = (more: object = {}) => ({ kind: 'DIVISIONS', sheet: null, token: 't1', counts, lines: [{ line: 2, outcome: 'ADDED', key: '3301', name: '杭州市', changes: [] }], faults: [], ...more })
  async function open(answer: object, name = 'x.csv') {
    hub.on('POST', /import\/DIVISIONS$/, () => json(answer))
    const page = await mountPage(ImportPage, { person: { roles: ['SYSTEM_ADMIN'] } })
    const input = page.wrapper.get('[data-testid=file]')
    Object.defineProperty(input.element, 'files', { value: [new File(['code,name\n'], name)] })
    await input.trigger('change')
    await page.wrapper.get('[data-testid=dry-run]').trigger('click')
    await flushPromises()
    return page.wrapper
  }
  it('applies only what was tried, by its token', async () => {
    hub.on('POST', /apply\?token=t1$/, () => json(plan()))
    const wrapper = await open(plan())
    expect(wrapper.get('[data-testid=lines]').text()).toContain('新增')
    await wrapper.get('[data-testid=apply]').trigger('click')
    await flushPromises()
    expect(hub.calls.at(-1)?.headers['Content-Type']).toBe('text/csv')
    expect(wrapper.get('[data-testid=applied]').text()).toContain('新增 1')
  })
  it('sends a workbook as one and names the sheet that was read', async () => {
    const wrapper = await open(plan({ sheet: '行政区划' }), '机构.xlsx')
    expect(hub.calls.at(-1)?.headers['Content-Type']).toContain('spreadsheetml')
    expect(wrapper.get('[data-testid=sheet]').text()).toContain('行政区划')
  })
  it('cannot be applied while a line is wrong, and says which and why', async () => {
    const wrapper = await open(plan({ counts: { ...counts, errors: 1 }, lines: [{ line: 2, outcome: 'WRONG', key: 'x', name: '', changes: [] }], faults: [{ line: 2, column: 'code', severity: 'ERROR', code: 'org.line_bad_code', zh: '“x”不是有效的代码', en: 'x is no code' }] }))
    expect(wrapper.get('[data-testid=apply]').attributes('disabled')).toBeDefined()
    expect(wrapper.get('[data-testid=lines]').text()).toContain('“x”不是有效的代码')
  })
})

describe('accounts', () => {
  const account = { username: 'wang', displayName: '王', roles: ['OFFICER'], department: null, state: 'ENABLED', secondFactor: false, passwordIsFirst: false, invitedUntil: null, lastSignIn: null, lockedUntil: null }
  const open = (role: 'SYSTEM_ADMIN' | 'SECURITY_ADMIN') => {
    hub.on('GET', /accounts$/, () => json([account])).on('GET', /departments$/, () => json([]))
    return mountPage(AccountsPage, { person: { username: 'me', roles: [role] } })
  }
  it('offers each administrator only what is theirs', async () => {
    const system = (await open('SYSTEM_ADMIN')).wrapper
    expect(system.find('[data-testid=account-new]').exists()).toBe(true)
    expect(system.find('[data-testid=reset-wang]').exists()).toBe(true)
    expect(system.find('[data-testid=roles-wang]').exists()).toBe(false)
    const security = (await open('SECURITY_ADMIN')).wrapper
    expect(security.find('[data-testid=account-new]').exists()).toBe(false)
    expect(security.find('[data-testid=reset-wang]').exists()).toBe(false)
    expect(security.find('[data-testid=roles-wang]').exists()).toBe(true)
  })
  it('asks for the person’s code before a duty is new to them, and for nothing else', async () => {
    hub.on('PUT', /accounts\/wang\/roles$/, () => json(null))
    const { wrapper } = await open('SECURITY_ADMIN')
    await wrapper.get('[data-testid=roles-wang]').trigger('click')
    await flushPromises()
    expect(document.querySelector('[data-testid=presence]')).toBeNull()
    document.querySelector<HTMLElement>('[data-testid=role-AUDIT_ADMIN]')!.click()
    await flushPromises()
    const input = document.querySelector<HTMLInputElement>('[data-testid=presence]')!
    expect(document.querySelector<HTMLButtonElement>('[data-testid=roles-save]')!.disabled).toBe(true)
    input.value = ' abcde-fghjk '
    input.dispatchEvent(new Event('input'))
    await flushPromises()
    document.querySelector<HTMLElement>('[data-testid=roles-save]')!.closest('form')!.dispatchEvent(new Event('submit'))
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'PUT')?.body).toMatchObject({ presence: 'abcde-fghjk' })
  })
  it('says until when a first password counts', async () => {
    hub.on('POST', /accounts\/wang\/password$/, () => json({ password: 'aaaa-bbbb', until: '2026-11-26T08:00:00Z' }))
    const { wrapper } = await open('SYSTEM_ADMIN')
    await wrapper.get('[data-testid=reset-wang]').trigger('click')
    await flushPromises()
    document.querySelector<HTMLElement>('[data-testid=sure]')!.click()
    await flushPromises()
    expect(document.querySelector('[data-testid=first-password]')!.textContent).toBe('aaaa-bbbb')
    expect(document.querySelector('[data-testid=first-until]')!.textContent).toContain('11')
  })
  it('asks before it disables, and says why it was refused', async () => {
    hub.on('POST', /accounts\/wang\/disable$/, () => refusal(409, 'org.last_administrator'))
    const { wrapper } = await open('SYSTEM_ADMIN')
    await wrapper.get('[data-testid=disable-wang]').trigger('click')
    await flushPromises()
    expect(hub.of('POST', /disable/)).toBe(0)
    document.querySelector<HTMLElement>('[data-testid=sure]')!.click()
    await flushPromises()
    expect(hub.of('POST', /disable/)).toBe(1)
    expect(document.body.textContent).toContain('org.last_administrator')
  })
})

describe('the audit trail', () => {
  it('says what was before and after, and when it was tampered with', async () => {
    hub
      .on('GET', /audit\?/, () => json([{ id: 7, at: '2026-11-23T08:00:00Z', actor: 'secadmin', address: '10.0.0.1', act: 'ROLES_CHANGED', subject: 'wang', before: { roles: ['OFFICER'] }, after: { roles: ['ANALYST'] }, hash: 'x' }]))
      .on('POST', /verification$/, () => json({ entries: 9, broken: 7, end: 'THERE', newest: null }))
    const { wrapper } = await mountPage(AuditPage, { person: { roles: ['AUDIT_ADMIN'] } })
    expect(wrapper.get('[data-testid=trail]').text()).toContain('角色: OFFICER → ANALYST')
    await wrapper.get('[data-testid=verify]').trigger('click')
    await flushPromises()
    expect(wrapper.get('[data-testid=verdict]').text()).toContain('第 7 号记录')
  })
})

describe('the end of the audit trail', () => {
  const verdictOf = async (verdict: object): Promise<string> => {
    hub.on('GET', /audit\?/, () => json([])).on('POST', /verification$/, () => json(verdict))
    const { wrapper } = await mountPage(AuditPage, { person: { roles: ['AUDIT_ADMIN'] } })
    await wrapper.get('[data-testid=verify]').trigger('click')
    await flushPromises()
    return wrapper.get('[data-testid=verdict]').text()
  }
  it('is not called whole when it was cut off', async () => {
    expect(await verdictOf({ entries: 9, broken: null, end: 'CUT', newest: null })).toContain('结尾被截断')
  })
  it('can be noted down when it is there', async () => {
    const text = await verdictOf({ entries: 9, broken: null, end: 'THERE', newest: { ordinal: 9, hash: 'abc123' } })
    expect(text).toContain('9 条记录完整无缺')
    expect(text).toContain('abc123')
  })
})

describe('one’s own account', () => {
  it('shows the presence code to who has a second factor, and only when asked', async () => {
    hub.on('POST', /session\/presence$/, () => json({ code: 'abcde-fghjk' }))
    const { wrapper } = await mountPage(OwnAccountPage, { person: { secondFactor: true } })
    expect(wrapper.find('[data-testid=presence-code]').exists()).toBe(false)
    await wrapper.get('[data-testid=presence-show]').trigger('click')
    await flushPromises()
    expect(wrapper.get('[data-testid=presence-code]').text()).toBe('abcde-fghjk')
    expect((await mountPage(OwnAccountPage, { person: { secondFactor: false } })).wrapper.find('[data-testid=presence-show]').exists()).toBe(false)
  })
  it('shows the key as a picture and as text, and the recovery codes until they are saved', async () => {
    hub
      .on('POST', /second-factor$/, () => json({ key: 'GEZDGNBVGY3TQOJQ', uri: 'otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ' }))
      .on('PUT', /second-factor$/, () => json({ codes: ['abcdefg-hjkmnpq'] }))
    const { wrapper } = await mountPage(OwnAccountPage, { person: { roles: ['SYSTEM_ADMIN'], obligations: ['SET_SECOND_FACTOR'] } })
    expect(wrapper.find('[data-testid=obliged-SET_SECOND_FACTOR]').exists()).toBe(true)
    await wrapper.get('[data-testid=factor-begin]').trigger('click')
    await flushPromises()
    expect(wrapper.get('[data-testid=qr] path').attributes('d')!.length).toBeGreaterThan(500)
    expect(wrapper.get('[data-testid=factor-key]').text()).toBe('GEZD GNBV GY3T QOJQ')
    await wrapper.get('[data-testid=factor-code]').setValue('123456')
    await wrapper.findAll('form').at(-1)!.trigger('submit')
    await flushPromises()
    expect(wrapper.get('[data-testid=recovery-codes]').text()).toContain('abcdefg-hjkmnpq')
  })
  it('does not send two new passwords that differ', async () => {
    const { wrapper } = await mountPage(OwnAccountPage)
    await wrapper.get('[data-testid=password-before]').setValue('old old old')
    await wrapper.get('[data-testid=password-after]').setValue('correct horse battery')
    await wrapper.get('[data-testid=password-again]').setValue('correct horse batterie')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(hub.of('PUT', /password/)).toBe(0)
    expect(wrapper.text()).toContain('两遍新密码不同')
  })
})

describe('signing in with a second factor', () => {
  it('asks for the code once the password was right, and keeps the password', async () => {
    hub.on('POST', /session$/, () => (hub.of('POST', /session$/) === 1 ? refusal(401, 'org.second_factor_needed') : json({ username: 'secadmin', displayName: 'x', roles: ['SECURITY_ADMIN'], department: null, obligations: [] })))
    const { wrapper, router } = await mountPage(SignInPage, { at: '/sign-in?next=/accounts', route: '/sign-in' })
    await wrapper.get('[data-testid=sign-in-username]').setValue('secadmin')
    await wrapper.get('[data-testid=sign-in-password]').setValue('secret')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.find('[data-testid=sign-in-error]').exists()).toBe(false)
    await wrapper.get('[data-testid=sign-in-code]').setValue('123456')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(hub.calls.filter((call) => call.method === 'POST').at(-1)?.body).toEqual({ username: 'secadmin', password: 'secret', code: '123456' })
    expect(router.currentRoute.value.path).toBe('/accounts')
  })
})

describe('the menu of the three administrators', () => {
  const menuOf = (role: 'SYSTEM_ADMIN' | 'SECURITY_ADMIN' | 'AUDIT_ADMIN'): string[] => modules.filter((module) => module.menu && (!module.roles || module.roles.includes(role))).map((module) => module.name)
  it('has their own duty first and nothing of the city’s data', () => {
    expect(menuOf('SYSTEM_ADMIN')).toEqual(['accounts', 'organisation'])
    expect(menuOf('SECURITY_ADMIN')).toEqual(['accounts', 'organisation', 'interconnect', 'signing-keys'])
    expect(menuOf('AUDIT_ADMIN')).toEqual(['audit', 'organisation', 'interconnect', 'signing-keys'])
  })
})
