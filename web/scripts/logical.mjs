// Styles name no left and no right: what reads from right to left is laid out by the same rules. Amounts are the exception.
import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../src/', import.meta.url)
const physical = /(^|[\s;{-])(left|right)\s*[:;-]|:\s*(left|right)\s*;/
let troubles = 0
for (const name of readdirSync(folder, { recursive: true })) {
  if (!name.endsWith('.css')) continue
  readFileSync(new URL(name, folder), 'utf8')
    .split('\n')
    .forEach((line, place) => {
      if (!physical.test(line) || /^\s*text-align: right;/.test(line)) return
      console.error(`src/${name}:${place + 1}: use a logical property: ${line.trim()}`)
      troubles += 1
    })
}
process.exit(troubles > 0 ? 1 : 0)
