// @vitest-environment node
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import openapiTS, { COMMENT_HEADER, astToString } from 'openapi-typescript'

const of = (file: string): URL => new URL(`../../../packages/api/${file}`, import.meta.url)

it('has the types of the API that the hub describes; `npm run api` writes them again', async () => {
  const types = astToString(await openapiTS(of('openapi.json'), { alphabetize: true }))
  expect(readFileSync(of('src/schema.ts'), 'utf8')).toBe(`${COMMENT_HEADER}${types}`)
})
