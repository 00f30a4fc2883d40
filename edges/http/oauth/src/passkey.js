// Asks a passkey what the consent page has to know, and sends the answer with its form. It is started by hand too, should
// the browser want a click, or the person have changed their mind.
(() => {
  'use strict'
  const form = document.getElementById('passkey')
  const button = document.getElementById('ask')
  const told = document.getElementById('told')
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0))
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')

  const ask = async () => {
    told.hidden = true
    button.disabled = true
    try {
      const { publicKey } = JSON.parse(form.dataset.options)
      publicKey.challenge = bytes(publicKey.challenge)
      const { id, rawId, type, response } = await navigator.credentials.get({ publicKey })
      form.elements.credential.value = JSON.stringify({
        id,
        rawId: text(rawId),
        type,
        response: {
          authenticatorData: text(response.authenticatorData),
          clientDataJSON: text(response.clientDataJSON),
          signature: text(response.signature),
          userHandle: response.userHandle && text(response.userHandle),
        },
        clientExtensionResults: {},
      })
      form.submit()
    } catch {
      told.hidden = false
      button.disabled = false
      button.focus()
    }
  }

  if (window.PublicKeyCredential) {
    button.addEventListener('click', ask)
    ask()
  } else {
    told.hidden = false
    button.disabled = true
  }
})()
