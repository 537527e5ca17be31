// tools/develop/: a certificate for this machine's own name, made for a run, for those who play a real system on loopback.

import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

/** A certificate for `localhost` that is its own authority, good for a day, and its key, both as PEM. */
export function certificate() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const made = forge.pki.createCertificate();
  made.serialNumber = '01';
  made.publicKey = forge.pki.publicKeyFromPem(publicKey);
  made.validity.notBefore = new Date(Date.now() - 86_400_000);
  made.validity.notAfter = new Date(Date.now() + 86_400_000);
  made.setSubject([{ shortName: 'CN', value: 'localhost' }]);
  made.setIssuer([{ shortName: 'CN', value: 'localhost' }]);
  made.setExtensions([
    { name: 'basicConstraints', cA: true },
    { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
  ]);
  made.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return { key: privateKey, cert: forge.pki.certificateToPem(made) };
}
