// A log of its own: the tree is made as RFC 9162 defines it (2.1.1, 2.1.3.1), the check goes the other way.
import { beforeAll, expect, test } from 'vitest'
import { check, type Proof, rootFrom, Wrong } from './verify'

type Bytes = Uint8Array<ArrayBuffer>
const sha256 = async (...parts: Bytes[]): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(parts.flatMap((part) => [...part]))))
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes))
const utf8 = (text: string) => new TextEncoder().encode(text) as Bytes
const split = (size: number) => 2 ** Math.floor(Math.log2(size - 1))

async function rootOf(leaves: readonly Bytes[]): Promise<Bytes> {
  if (leaves.length === 1) return leaves[0] as Bytes
  const middle = split(leaves.length)
  return sha256(Uint8Array.of(1), await rootOf(leaves.slice(0, middle)), await rootOf(leaves.slice(middle)))
}

async function pathOf(index: number, leaves: readonly Bytes[]): Promise<Bytes[]> {
  if (leaves.length === 1) return []
  const middle = split(leaves.length)
  const [here, there] = [leaves.slice(0, middle), leaves.slice(middle)]
  return index < middle
    ? [...(await pathOf(index, here)), await rootOf(there)]
    : [...(await pathOf(index - middle, there)), await rootOf(here)]
}

const entries = Array.from({ length: 21 }, (_, number) =>
  JSON.stringify({
    v: 1,
    id: `evt_${number}`,
    at: '2026-10-31T12:00:00.000000Z',
    kind: 'payments.transaction_settled',
    subject: `txn_${number}`,
    payload: '0'.repeat(64),
  }),
)
let leaves: Bytes[]
let keys: CryptoKeyPair
let vkey: string
const origin = 'bank.example/audit'

beforeAll(async () => {
  leaves = await Promise.all(entries.map((entry) => sha256(Uint8Array.of(0), utf8(entry))))
  keys = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey))
  const key = Uint8Array.from([1, ...raw])
  vkey = `${origin}+${idOf(await sha256(utf8(`${origin}\n`), key))}+${base64(key)}`
})

const idOf = (hash: Bytes) => [...hash.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('')

async function proofOf(index: number, size = leaves.length): Promise<Proof> {
  const text = `${origin}\n${size}\n${base64(await rootOf(leaves.slice(0, size)))}\n`
  const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', keys.privateKey, utf8(text)))
  const id = (vkey.split('+')[1] ?? '').match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? []
  return {
    index,
    treeSize: size,
    entry: btoa(entries[index] ?? ''),
    leafHash: base64(leaves[index] as Bytes),
    proof: (await pathOf(index, leaves.slice(0, size))).map(base64),
    checkpoint: `${text}\n\u2014 ${origin} ${base64(Uint8Array.from([...id, ...signature]))}\n`,
  }
}

test('every entry of logs of every size is found, and none in the place of another', async () => {
  for (let size = 1; size <= leaves.length; size += 1) {
    for (let index = 0; index < size; index += 1) {
      const leaf = leaves[index] as Bytes
      const path = await pathOf(index, leaves.slice(0, size))
      const root = base64(await rootOf(leaves.slice(0, size)))
      expect(base64(await rootFrom(index, size, leaf, path))).toBe(root)
      const elsewhere = await rootFrom((index + 1) % size, size, leaf, path).catch(() => undefined)
      if (size > 1 && elsewhere) expect(base64(elsewhere)).not.toBe(root)
    }
  }
})

test('a proof is checked from the entry to the signature', async () => {
  const proof = await proofOf(5)
  const root = base64(await rootOf(leaves))
  expect(await check(proof, [vkey], 'txn_5')).toEqual({
    index: 5,
    size: 21,
    at: '2026-10-31T12:00:00.000000Z',
    root,
    signature: 'good',
  })
})

test('whatever of it is another, it does not hold', async () => {
  const proof = await proofOf(5)
  const other = await proofOf(6)
  const wrong: [string, Partial<Proof>][] = [
    ['another entry', { entry: other.entry }],
    ['another leaf', { leafHash: other.leafHash }],
    ['another place', { index: 6 }],
    ['another path', { proof: other.proof }],
    ['a shorter path', { proof: proof.proof.slice(1) }],
    ['a longer path', { proof: [...proof.proof, proof.leafHash] }],
    ['another size', { treeSize: 20 }],
    ['an older head', { checkpoint: (await proofOf(5, 20)).checkpoint }],
    ['an altered head', { checkpoint: proof.checkpoint.replace('\n21\n', '\n22\n'), treeSize: 22 }],
    ['no head', { checkpoint: '' }],
    ['no base64', { leafHash: '*' }],
    ['spaces in the entry', { entry: btoa((entries[5] ?? '').replace(',', ', ')) }],
  ]
  for (const [what, changed] of wrong)
    await expect(check({ ...proof, ...changed }, [vkey], 'txn_5'), what).rejects.toThrow(Wrong)
  await expect(check(proof, [vkey], 'txn_6')).rejects.toThrow('something else')
})

test('a head that another key signed, or nobody, is not the bank’s', async () => {
  const proof = await proofOf(5)
  await expect(check(proof, [], 'txn_5')).rejects.toThrow('not signed')
  await expect(check(proof, [vkey.replace('bank.example', 'bank.test')], 'txn_5')).rejects.toThrow('not signed')
  const [text = ''] = proof.checkpoint.split('\n\n')
  const forged = `${text}\n\n\u2014 ${origin} ${btoa('x'.repeat(68))}\n`
  await expect(check({ ...proof, checkpoint: forged }, [vkey], 'txn_5')).rejects.toThrow('not signed')
})
