/** Passkeys, as the browser asks for them. */
import type { Schemas } from '../api/client'

type Question = Schemas['PasskeyQuestion']

export const hasPasskeys = () => 'PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in PublicKeyCredential

type Options<T> = { publicKey: T }

/** The answer of a passkey; an error when the person does not give one. */
export async function answered({ ceremonyId, options }: Question): Promise<Schemas['PasskeyAnswer']> {
  const { publicKey } = options as unknown as Options<PublicKeyCredentialRequestOptionsJSON>
  const credential = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey),
  })
  return { ceremonyId, credential: (credential as PublicKeyCredential).toJSON() }
}

export async function made({ ceremonyId, options }: Question, name: string): Promise<Schemas['NewPasskey']> {
  const { publicKey } = options as unknown as Options<PublicKeyCredentialCreationOptionsJSON>
  const credential = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey),
  })
  return { ceremonyId, name, credential: (credential as PublicKeyCredential).toJSON() }
}
