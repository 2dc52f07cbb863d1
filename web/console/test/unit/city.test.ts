import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const WEB = resolve(__dirname, '../../..')
const CITY = resolve(WEB, '../app/src/main/resources/trial-city')

/** The product has the name of a district of the city its demo data come from. */
const PRODUCT = ['钱塘', 'Qiantang']

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? files(path) : [path]
  })
}

function namesOfTheCity(): string[] {
  const divisions = readFileSync(join(CITY, 'divisions.csv'), 'utf8').split('\n').slice(1).filter(Boolean)
  const names = divisions.flatMap((line) => {
    const [, name, nameEn] = line.split(',')
    return [name!, name!.replace(/[省市区县]$/, ''), nameEn!]
  })
  return [...new Set(names)].filter((name) => !PRODUCT.includes(name))
}

describe('the console', () => {
  it('knows no city by name', () => {
    const texts = [
      join(WEB, 'console/index.html'),
      ...files(join(WEB, 'console/src')),
      ...files(join(WEB, 'packages/ui/src')),
    ]
    const names = namesOfTheCity()

    const found = texts.flatMap((path) => {
      const text = readFileSync(path, 'utf8')
      return names.filter((name) => text.includes(name)).map((name) => `${path}: ${name}`)
    })

    expect(names).toContain('杭州')
    expect(names).toContain('Xihu')
    expect(texts.length).toBeGreaterThan(100)
    expect(found).toEqual([])
  })
})
