/** What the inbox says. It is loaded with the pages that show it. */
export const en = {
  title: 'Inbox',
  none: 'Nothing new',
  noneHint: 'Here you see what happened to your accounts and your login.',
  readAll: 'Mark all as read',
  unread: 'Unread',
  other: 'Something changed at your bank',
  kind: {
    'accounts.closed': 'An account of yours was closed',
    'accounts.frozen': 'An account of yours was frozen: nothing can be paid from it or to it',
    'accounts.overdraft_changed': 'How far an account of yours may go below zero was changed',
    'accounts.owner_assigned': 'An account is yours now',
    'accounts.unfrozen': 'An account of yours works again',
    'auth.api_key_created': 'A key for a program was made',
    'auth.api_key_rotated': 'A key for a program was renewed',
    'auth.client_registered': 'A program was registered',
    'auth.email_changed': 'Your e-mail address was changed',
    'auth.grant_made': 'You let a program act for you',
    'auth.identity_linked': 'Another way to log in was linked',
    'auth.identity_unlinked': 'A linked way to log in was removed',
    'auth.mfa_disabled': 'Your second factor was removed',
    'auth.mfa_enabled': 'Your login has a second factor now',
    'auth.mfa_reset': 'The bank removed your second factors',
    'auth.passkey_added': 'A passkey was added',
    'auth.passkey_cloned': 'A passkey of yours was probably copied. Remove it.',
    'auth.passkey_removed': 'A passkey was removed',
    'auth.password_changed': 'Your password was changed',
    'auth.password_reset': 'A new password was set by mail',
    'auth.recovery_code_used': 'A recovery code was used',
    'auth.role_changed': 'What you may do at the bank was changed',
    'auth.signer_key_removed': 'Requests with a key are no longer signed',
    'auth.signer_key_set': 'Requests with a key are signed now',
    'notifications.endpoint_changed': 'A webhook was changed',
    'notifications.endpoint_created': 'A webhook was made',
    'notifications.endpoint_disabled': 'A webhook was stopped',
  },
  payment: {
    'payments.transaction_cancelled': (amount: string) => `A payment of ${amount} was cancelled`,
    'payments.transaction_pending': (amount: string) => `${amount} is on its way to you`,
    'payments.transaction_refunded': (amount: string) => `A payment of ${amount} was given back`,
    'payments.transaction_reversed': (amount: string) => `The bank undid a payment of ${amount}`,
    'payments.transaction_settled': (amount: string) => `You received ${amount}`,
  },
  told: {
    title: 'What you are told of',
    hint: 'What protects your login is always told.',
    inbox: 'In the inbox',
    mail: 'By e-mail',
    incoming: 'Money that comes to you',
    undone: 'Payments that are cancelled, given back or undone',
    accounts: 'Changes of your accounts',
    noMail: 'Mails go to an address that you confirmed. You have none yet.',
    language: 'Language of mails',
    saved: 'Saved.',
    failed: 'That was not saved. Try again.',
  },
}

type Widen<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => string
    ? (...args: A) => string
    : T[K] extends string
      ? string
      : Widen<T[K]>
}
export type InboxMessages = Widen<typeof en>
