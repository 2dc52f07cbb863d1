import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { chooseLocale } from '../../src/i18n'
import StatisticCard from '../../src/modules/directory/StatisticCard.vue'
import { Hub, json, mountPage, refusal } from './mounting'

const fields = ['street', 'people'].map((name) => ({ name, title: name, type: 'VARCHAR' }))
const dataset = (statistic: object | null) => ({ dataset: {}, fields, statistic, calls: 0, licence: '', mostRows: 1, quality: null, completeness: null })

let hub: Hub
beforeEach(() => {
  document.body.innerHTML = ''
  chooseLocale('zh-CN')
  hub = new Hub().install()
})
const open = () => mountPage(StatisticCard, { props: { entry: 'e1' }, person: { roles: ['ENGINEER'] } })

describe('an open entry whose rows are counts', () => {
  it('says which fields are what, and keeps the words of a refusal', async () => {
    let taken = false
    hub.on('GET', /datasets/, () => json(dataset({ dimensions: ['street'], counts: ['people'], threshold: 5 })))
    hub.on('PUT', /statistic$/, () => (taken ? json(null) : refusal(400, 'portal.no_statistic')))
    const { wrapper } = await open()
    expect(wrapper.text()).toContain('不公开 1 到 5 的数')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(hub.calls.find((call) => call.method === 'PUT')?.body).toEqual({ dimensions: ['street'], counts: ['people'], threshold: 5 })
    expect(wrapper.text()).toContain('portal.no_statistic')
    taken = true
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.text()).toContain('已保存')
  })
  it('cannot be saved without a dimension and a count, and is not there where nothing is open', async () => {
    hub.on('GET', /datasets/, () => json(dataset(null)))
    const { wrapper } = await open()
    expect(wrapper.get('[data-testid=statistic-save]').attributes('disabled')).toBeDefined()
    hub = new Hub().install()
    hub.on('GET', /datasets/, () => refusal(404, 'portal.no_such_dataset'))
    expect((await open()).wrapper.find('[data-testid=statistic]').exists()).toBe(false)
  })
})
