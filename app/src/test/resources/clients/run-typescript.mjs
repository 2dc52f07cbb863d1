// Runs a TypeScript file under a Node that does not take its types away by itself.
import { createRequire } from 'node:module'
import { readFileSync, writeFileSync } from 'node:fs'

const [, , web, source, target, ...rest] = process.argv
const typescript = createRequire(`${web}/package.json`)('typescript')
const options = { module: typescript.ModuleKind.ESNext, target: typescript.ScriptTarget.ES2022 }
writeFileSync(target, typescript.transpileModule(readFileSync(source, 'utf8'), { compilerOptions: options }).outputText)
process.argv = [process.argv[0], target, ...rest]
await import(target)
