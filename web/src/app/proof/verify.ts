/** Checks here, and not at the bank, that an entry is in the audit log: docs/audit.md says how it is written. */
import type { Schemas } from '../../api/client'

export type Proof = Pick<Schemas['AuditProof'], 'index' | 'treeSize' | 'entry' | 'leafHash' | 'proof' | 'checkpoint'>

export interface Checked {
  index: number
  size: number
  /** When it was logged as having happened. */
  at: string
  /** The head of the log, in base64: what is kept to find out later that history was rewritten. */
  root: string
  /** The bank's key signed the head; `unable`: this browser cannot check such signatures. */
  signature: 'good' | 'unable'
}

/** What was given does not hold. */
export class Wrong extends Error {}

type Bytes = Uint8Array<ArrayBuffer>

const bytesOf = (base64: string): Bytes => {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  } catch {
    throw new Wrong('bytes are written in another way')
  }
}
const utf8 = (text: string): Bytes => new TextEncoder().encode(text) as Bytes
const hexOf = (bytes: Bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
const isSame = (one: Bytes, other: Bytes) => hexOf(one) === hexOf(other)

function joined(...parts: Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let place = 0
  for (const part of parts) {
    whole.set(part, place)
    place += part.length
  }
  return whole
}

const sha256 = async (...parts: Bytes[]): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', joined(...parts)))
const leafHash = (entry: Bytes) => sha256(Uint8Array.of(0), entry)
const nodeHash = (left: Bytes, right: Bytes) => sha256(Uint8Array.of(1), left, right)

/** RFC 9162, 2.1.3.2: from the leaf upwards, as far as the path goes. */
export async function rootFrom(index: number, size: number, leaf: Bytes, path: readonly Bytes[]): Promise<Bytes> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size)
    throw new Wrong('the entry is not in the log')
  let [at, last, found] = [BigInt(index), BigInt(size) - 1n, leaf]
  for (const sibling of path) {
    if (last === 0n) throw new Wrong('the proof is too long')
    if (at % 2n === 1n || at === last) {
      found = await nodeHash(sibling, found)
      while (at % 2n === 0n && at !== 0n) {
        at >>= 1n
        last >>= 1n
      }
    } else found = await nodeHash(found, sibling)
    at >>= 1n
    last >>= 1n
  }
  if (last !== 0n) throw new Wrong('the proof is too short')
  return found
}

interface Head {
  origin: string
  size: number
  root: string
  text: string
  signatures: string
}

function headOf(note: string): Head {
  const end = note.lastIndexOf('\n\n')
  const [origin = '', size = '', root = ''] = note.slice(0, end).split('\n')
  if (end < 0 || !origin || !/^\d{1,16}$/.test(size)) throw new Wrong('the head is none')
  return { origin, size: Number(size), root, text: note.slice(0, end + 1), signatures: note.slice(end + 2) }
}

/** Signed by one of the keys (C2SP signed-note, Ed25519). */
async function signatureOf(
  { origin, text, signatures }: Head,
  vkeys: readonly string[],
): Promise<Checked['signature']> {
  for (const vkey of vkeys) {
    const [name = '', id = '', ...rest] = vkey.split('+')
    const key = bytesOf(rest.join('+'))
    const expected = hexOf((await sha256(utf8(`${name}\n`), key)).slice(0, 4))
    if (name !== origin || key[0] !== 1 || expected !== id) continue
    for (const line of signatures.trimEnd().split('\n')) {
      const [dash, signer, signed = ''] = line.split(' ')
      const signature = bytesOf(signed)
      if (dash !== '\u2014' || signer !== name || hexOf(signature.slice(0, 4)) !== id) continue
      try {
        const imported = await crypto.subtle.importKey('raw', key.slice(1), 'Ed25519', false, ['verify'])
        if (await crypto.subtle.verify('Ed25519', imported, signature.slice(4), utf8(text))) return 'good'
      } catch {
        return 'unable'
      }
    }
  }
  throw new Wrong('the head is not signed by the bank')
}

/** An entry is JSON in one way of writing only, and about this transaction. */
function entryOf(entry: Bytes, transactionId: string): { at: string } {
  const text = new TextDecoder().decode(entry)
  let said: Record<string, unknown>
  try {
    said = JSON.parse(text)
  } catch {
    throw new Wrong('the entry is none')
  }
  if (Object.keys(said).join() !== 'v,id,at,kind,subject,payload' || said.v !== 1 || JSON.stringify(said) !== text)
    throw new Wrong('the entry is written in another way')
  const { at, kind, subject } = said
  if (kind !== 'payments.transaction_settled' || subject !== transactionId || typeof at !== 'string')
    throw new Wrong('the entry is of something else')
  return { at }
}

/** Everything from the entry to the signature of the head; throws `Wrong` where something does not hold. */
export async function check(proof: Proof, vkeys: readonly string[], transactionId: string): Promise<Checked> {
  const entry = bytesOf(proof.entry)
  const { at } = entryOf(entry, transactionId)
  const leaf = await leafHash(entry)
  if (!isSame(leaf, bytesOf(proof.leafHash))) throw new Wrong('the entry is not that of the leaf')
  const head = headOf(proof.checkpoint)
  if (head.size !== proof.treeSize) throw new Wrong('the head is of another size')
  const root = await rootFrom(proof.index, head.size, leaf, proof.proof.map(bytesOf))
  if (!isSame(root, bytesOf(head.root))) throw new Wrong('the proof does not lead to the head')
  return { index: proof.index, size: head.size, at, root: head.root, signature: await signatureOf(head, vkeys) }
}
