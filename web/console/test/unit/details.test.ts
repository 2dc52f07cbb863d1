import { describe as group, expect, it } from 'vitest'
import { describe } from '../../src/modules/catalogue/details'
import { messagesOf } from '../../src/i18n'

group('what the source says of a resource', () => {
  it('is in a fixed order, without what the page shows elsewhere', () => {
    const about = describe({ types: 'a TEXT', path: 'a.csv', rejected: '0', lineEnd: 'CRLF', encoding: 'GB18030', strange: 'x', format: 'delimited text' })
    expect(about.map((one) => one.name)).toEqual(['format', 'encoding', 'lineEnd', 'strange'])
  })

  it('reads keys as a person writes them', () => {
    const about = describe({ primaryKey: '["id"]', uniqueKeys: '[["a", "b"]]', foreignKeys: '[{"name": "f", "columns": ["a"], "schema": "public", "table": "t", "referencedColumns": ["id"]}]' })
    expect(about.map((one) => one.lines)).toEqual([['a, b'], ['a → public.t (id)']])
  })

  it('shows what is no list as it is', () => {
    expect(describe({ quote: '[' })).toEqual([{ name: 'quote', lines: ['['] }])
  })
})

it('has every text in both languages', () => {
  const keys = (node: unknown, path = ''): string[] => (typeof node === 'object' && node !== null ? Object.entries(node).flatMap(([key, value]) => keys(value, `${path}.${key}`)) : [path])
  expect(keys(messagesOf('en'))).toEqual(keys(messagesOf('zh')))
})
