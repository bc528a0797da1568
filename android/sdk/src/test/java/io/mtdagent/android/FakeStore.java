package io.mtdagent.android;

import java.io.InputStream;
import java.io.OutputStream;
import java.security.Key;
import java.security.KeyStoreSpi;
import java.security.PublicKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;

/** The store's entries by their names. */
class FakeStore extends KeyStoreSpi {
    private final FakeAndroidKeyStore inside;

    FakeStore(FakeAndroidKeyStore inside) {
        this.inside = inside;
    }

    /** A process that does not answer is taken for one that has nothing, as the system does. */
    private FakeAndroidKeyStore.Entry entry(String alias) {
        return inside.mood == FakeAndroidKeyStore.Mood.BUSY ? null : inside.entries.get(alias);
    }

    @Override
    public boolean engineContainsAlias(String alias) {
        return entry(alias) != null;
    }

    @Override
    public Key engineGetKey(String alias, char[] password) throws UnrecoverableKeyException {
        FakeAndroidKeyStore.Entry entry = entry(alias);
        if (entry == null) {
            return null;
        }
        if (entry.harm == FakeAndroidKeyStore.Harm.UNREADABLE) {
            throw new UnrecoverableKeyException("Failed to obtain information about key");
        }
        return new FakeAndroidKeyStore.Handle(alias, entry.secret.getAlgorithm());
    }

    @Override
    public Certificate[] engineGetCertificateChain(String alias) {
        FakeAndroidKeyStore.Entry entry = entry(alias);
        if (entry == null || entry.open == null) {
            return null;
        }
        Certificate own = new Stated(entry.open, entry.challenge);
        return entry.challenge == null ? new Certificate[] {own}
                : new Certificate[] {own, new Stated(entry.open, new byte[] {1})};
    }

    @Override
    public Certificate engineGetCertificate(String alias) {
        Certificate[] chain = engineGetCertificateChain(alias);
        return chain == null ? null : chain[0];
    }

    @Override
    public void engineDeleteEntry(String alias) {
        inside.entries.remove(alias);
    }

    @Override
    public Enumeration<String> engineAliases() {
        return Collections.enumeration(inside.entries.keySet());
    }

    @Override
    public int engineSize() {
        return inside.entries.size();
    }

    @Override
    public boolean engineIsKeyEntry(String alias) {
        return engineContainsAlias(alias);
    }

    @Override
    public boolean engineIsCertificateEntry(String alias) {
        return false;
    }

    @Override
    public String engineGetCertificateAlias(Certificate certificate) {
        return null;
    }

    @Override
    public Date engineGetCreationDate(String alias) {
        return null;
    }

    @Override
    public void engineSetKeyEntry(String alias, Key key, char[] password, Certificate[] chain) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void engineSetKeyEntry(String alias, byte[] key, Certificate[] chain) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void engineSetCertificateEntry(String alias, Certificate certificate) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void engineLoad(InputStream in, char[] password) {
        if (in != null || password != null) {
            throw new IllegalArgumentException();
        }
    }

    @Override
    public void engineStore(OutputStream out, char[] password) {
        throw new UnsupportedOperationException();
    }

    /** A public key and the challenge it was made with, stated and not signed. */
    private static final class Stated extends Certificate {
        private static final long serialVersionUID = 1L;

        private final PublicKey key;
        private final byte[] challenge;

        Stated(PublicKey key, byte[] challenge) {
            super("X.509");
            this.key = key;
            this.challenge = challenge;
        }

        @Override
        public byte[] getEncoded() {
            return challenge == null ? new byte[0] : challenge.clone();
        }

        @Override
        public void verify(PublicKey by) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void verify(PublicKey by, String provider) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String toString() {
            return "Stated";
        }

        @Override
        public PublicKey getPublicKey() {
            return key;
        }
    }
}
