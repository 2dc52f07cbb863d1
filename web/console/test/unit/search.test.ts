import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { FoundPage } from '@qiantang/api'
import { chooseLocale } from '../../src/i18n'
import { isTyping, nextOf } from '../../src/modules/search/keys'
import SearchBox from '../../src/modules/search/SearchBox.vue'
import SearchPage from '../../src/modules/search/SearchPage.vue'
import { Hub, json, mountPage, refusal } from './mounting'

const police = { id: 'police', name: '公安局', nameEn: 'Police' }
const PAGE = {
  total: 2,
  items: [
    {
      thing: { kind: 'RESOURCE', id: 'r1', title: '机动车驾驶证', name: 'raw_police.driver_licence', summary: null, department: police, source: '交管库', theme: null, level: 'L3', layer: 'RAW', shareClass: null, state: null, asOf: '2026-11-20T02:00:00Z' },
      matches: [
        { place: 'TITLE', text: '机动车驾驶证', marked: [{ from: 3, to: 6 }] },
        { place: 'COLUMN', text: '驾驶证号 licence_no', marked: [{ from: 0, to: 3 }] },
      ],
    },
    {
      thing: { kind: 'APPLICATION', id: 'a1', title: '驾驶证办理', name: '', summary: '办证', department: police, source: null, theme: null, level: null, layer: null, shareClass: null, state: 'RUNNING', asOf: null },
      matches: [],
    },
  ],
  facets: [
    { name: 'kind', value: 'RESOURCE', count: 1 },
    { name: 'kind', value: 'APPLICATION', count: 1 },
    { name: 'department', value: 'police', count: 2 },
  ],
  loosely: false,
  meant: '驾驶证',
} as FoundPage

let hub: Hub
beforeEach(() => {
  chooseLocale('zh-CN')
  document.body.innerHTML = ''
  hub = new Hub().install()
  hub.on('GET', /departments/, () => json([police]))
  hub.on('GET', /api\/search/, () => json(PAGE))
})
const open = (at = '/search?q=驾使证') => mountPage(SearchPage, { at, route: '/search' })

describe('the search page', () => {
  it('says what was found, where its words stand, and what was probably meant', async () => {
    const { wrapper } = await open()

    expect(wrapper.get('[data-testid="search-count"]').text()).toContain('2 项')
    expect(wrapper.findAll('mark').map((mark) => mark.text())).toEqual(['驾驶证', '驾驶证'])
    expect(wrapper.get('.why').text()).toContain('字段')
    expect(wrapper.get('[data-testid="search-meant"]').text()).toBe('驾驶证')
  })

  it('asks again with the facet that was chosen, and keeps the question', async () => {
    const { wrapper, router } = await open()

    await wrapper.get('[data-testid="facet-kind-APPLICATION"] input').trigger('change')
    await flushPromises()

    expect(router.currentRoute.value.query).toEqual({ q: '驾使证', kind: 'APPLICATION' })
    expect(hub.calls.at(-1)?.path).toContain('kind=APPLICATION')
  })

  it('is walked through with the arrows', async () => {
    const { wrapper } = await open()
    const input = wrapper.get('.ask input')

    await input.trigger('keydown', { key: 'ArrowDown' })
    expect(document.activeElement?.textContent).toBe('机动车驾驶证')
    await wrapper.get('ul').trigger('keydown', { key: 'ArrowDown' })
    expect(document.activeElement?.textContent).toBe('驾驶证办理')
    await wrapper.get('ul').trigger('keydown', { key: 'ArrowUp' })
    await wrapper.get('ul').trigger('keydown', { key: 'ArrowUp' })
    expect(document.activeElement).toBe(input.element)
  })

  it('teaches what else to try when nothing is found', async () => {
    hub.on('GET', /api\/search/, () => json({ total: 0, items: [], facets: [], loosely: false, meant: null }))
    const { wrapper } = await open('/search?q=恐龙')

    expect(wrapper.text()).toContain('没有找到“恐龙”')
  })

  it('says what failed and offers to try again', async () => {
    hub.on('GET', /api\/search/, () => refusal(503, 'core.unavailable'))
    const { wrapper } = await open()

    expect(wrapper.text()).toContain('没能搜索')
  })
})

describe('the box in the header', () => {
  it('is reached by a slash, unless somebody is writing', async () => {
    const { wrapper } = await mountPage(SearchBox)
    const input = wrapper.get<HTMLInputElement>('[data-testid="search-box"]')

    document.dispatchEvent(new KeyboardEvent('keydown', { key: '/' }))
    expect(document.activeElement).toBe(input.element)
    expect(isTyping(input.element)).toBe(true)
    expect(isTyping(document.body)).toBe(false)
  })
})

it('an arrow stays at an end and leaves the list at its beginning', () => {
  expect(nextOf(2, 1, 'ArrowDown')).toBe(1)
  expect(nextOf(2, 0, 'ArrowUp')).toBe(-1)
  expect(nextOf(0, -1, 'ArrowDown')).toBeUndefined()
  expect(nextOf(2, 0, 'Enter')).toBeUndefined()
})
