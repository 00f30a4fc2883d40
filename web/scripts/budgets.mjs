// What a page may weigh, in kB of gzip: its own chunk, the entry, and whatever these import. It is read from the manifest
// of the build, and a page that weighs more fails the build. What is loaded later, such as a dialog, is a chunk of its own.
import { readFileSync } from 'node:fs'

const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist)))
const size = (file) => readFileSync(new URL(`${file}.gz`, dist)).length / 1000

const pages = {
  'pages/Login.tsx': 130,
  'pages/SignUp.tsx': 130,
  'pages/Home.tsx': 190,
  'pages/Account.tsx': 190,
  'pages/Transaction.tsx': 190,
  'pages/Transfer.tsx': 200,
  'pages/Security.tsx': 200,
  'pages/Programs.tsx': 190,
  'pages/Activity.tsx': 190,
  'pages/Inbox.tsx': 190,
  'pages/Settings.tsx': 190,
}
const CHUNK = 80
const CSS = 25
const FONTS = 35

function reached(keys, seen = new Set()) {
  for (const key of keys) {
    if (seen.has(key)) continue
    seen.add(key)
    reached(manifest[key].imports ?? [], seen)
  }
  return seen
}

const troubles = []
const expect = (what, weight, limit) => {
  console.log(`${what.padEnd(28)}${weight.toFixed(1).padStart(7)} kB of ${limit}`)
  if (weight > limit) troubles.push(`${what} weighs ${weight.toFixed(1)} kB, and may weigh ${limit}`)
}

for (const [page, limit] of Object.entries(pages)) {
  const outside = page.includes('Login') || page.includes('SignUp')
  const keys = ['index.html', `src/app/${page}`, ...(outside ? [] : ['src/app/Shell.tsx', 'src/i18n/inside/en.ts'])]
  const missing = keys.filter((key) => !manifest[key])
  if (missing.length > 0) troubles.push(`${page} is no chunk of the build: ${missing}`)
  else {
    const all = [...reached(keys)]
    expect(
      page,
      all.reduce((sum, key) => sum + size(manifest[key].file), 0),
      limit,
    )
    const strange = all.filter((key) => key.startsWith('src/office/'))
    if (strange.length > 0) troubles.push(`${page} loads the office: ${strange}`)
  }
}
const entryChunks = reached(['index.html'])
for (const [key, { file }] of Object.entries(manifest)) {
  if (file.endsWith('.js') && !entryChunks.has(key) && size(file) > CHUNK)
    troubles.push(`${key} is larger than ${CHUNK} kB`)
}
const styles = new Set(
  Object.values(manifest)
    .flatMap(({ file, css = [] }) => [file, ...css])
    .filter((file) => file.endsWith('.css')),
)
expect(
  'styles',
  [...styles].reduce((sum, file) => sum + size(file), 0),
  CSS,
)
const latin = Object.values(manifest).find(({ file }) => /figtree-latin-wght-normal/.test(file))
if (latin) expect('fonts of a Latin page', readFileSync(new URL(latin.file, dist)).length / 1000, FONTS)
else troubles.push('the Latin font is not in the build')

for (const trouble of troubles) console.error(trouble)
process.exit(troubles.length > 0 ? 1 : 0)
