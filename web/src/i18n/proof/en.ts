/** What a proof says. Loaded when a transaction is shown. */
import type { Widen } from '../en'

export const en = {
  title: 'Proof',
  hint: 'The bank keeps a log that nobody can rewrite unseen. Your browser can check that this transaction is in it.',
  check: 'Check this',
  checking: 'Checking…',
  unable: 'This browser checks proofs over an encrypted connection only.',
  good: 'It is in the log',
  place: (place: string, size: string) =>
    `It is entry ${place} of ${size}. Your browser worked that out itself, from the entry up to the head of the log.`,
  at: (when: string) => `Logged as settled: ${when}.`,
  signed: 'The bank signed this head with its key.',
  unsigned: 'This browser cannot check the signature of the head. Everything else holds.',
  means:
    'If the bank ever changed this entry, or took it out, the head would become another one. Whoever kept the head below, or found it published, would see that.',
  bounds:
    'The amounts are in the entry as a hash only, so that the log tells nobody of them. The key came from the bank just now: compare it with the published one if you want to be sure.',
  root: 'Head of the log',
  wrong: 'This does not hold',
  wrongWhat: 'What the bank sent does not fit together. Keep the reference of the transaction and tell the bank.',
  early: 'This is so new that it is not in a signed head yet. Try again in a few seconds.',
}

export type ProofMessages = Widen<typeof en>
