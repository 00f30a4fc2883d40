/** Asks the bank who is paid and what would become of it, before anything is sent. */
import { api, got } from '../../api/client'
import { bare } from '../../ui/money'
import { destinationOf } from './check'
import type { Draft, Told } from './draft'

export async function ask(draft: Draft): Promise<Told> {
  const [recipient, preview] = await Promise.all([lookUp(draft), previewOf(draft)])
  const isNew = preview.isNewPayee
  return {
    recipient: recipient?.name ?? '',
    match: recipient?.nameMatch ?? '',
    fee: preview.fee,
    left: preview.balanceAfter?.availableBalance ?? '',
    proof: preview.stepUp ?? '',
    isNewPayee: isNew === true ? 'yes' : isNew === false ? 'no' : '',
  }
}

const lookUp = async ({ kind, number, name }: Draft) =>
  kind === 'own'
    ? undefined
    : got(
        api.POST('/api/payees/lookup', {
          body: { accountNumber: bare(number), ...(name.trim() && { name: name.trim() }) },
        }),
      )

const previewOf = (draft: Draft) =>
  got(
    api.POST('/api/transactions/transfer/preview', {
      body: {
        sourceAccountId: draft.from,
        destinationAccountId: destinationOf(draft),
        amount: draft.amount,
        currency: draft.currency,
        ...(draft.note.trim() && { description: draft.note.trim() }),
      },
    }),
  )
