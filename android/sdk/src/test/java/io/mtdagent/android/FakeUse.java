package io.mtdagent.android;

import android.os.Build;
import android.security.KeyStoreException;
import android.security.keystore.KeyPermanentlyInvalidatedException;
import android.security.keystore.UserNotAuthenticatedException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.IllegalBlockSizeException;

/** Uses keys inside the store. */
final class FakeUse {
    private FakeUse() {
    }

    /** The secret behind a handle, or what the system throws instead. */
    static Key secret(FakeAndroidKeyStore inside, Key key) throws InvalidKeyException {
        if (!(key instanceof FakeAndroidKeyStore.Handle)) {
            throw new InvalidKeyException("not ours");
        }
        FakeAndroidKeyStore.Entry entry = inside.entries.get(((FakeAndroidKeyStore.Handle) key).alias);
        if (entry == null || inside.mood == FakeAndroidKeyStore.Mood.BUSY) {
            throw new InvalidKeyException("Keystore operation failed");
        }
        switch (entry.harm) {
            case INVALIDATED:
                throw new KeyPermanentlyInvalidatedException();
            case UNAUTHENTICATED:
                throw new UserNotAuthenticatedException();
            case MISSING_INSIDE:
                throw new InvalidKeyException("Keystore operation failed", Numbered.notThere());
            case UNREADABLE:
                throw new InvalidKeyException("Keystore operation failed");
            case NONE:
            default:
                return entry.secret;
        }
    }

    /** Loaded only where API 33 is. */
    private static final class Numbered {
        /** Inside the system; Android makes its public code of it. */
        private static final int KEY_NOT_FOUND = 7;

        static Exception notThere() {
            if (Build.VERSION.SDK_INT < 33) {
                return new IllegalStateException();
            }
            return new KeyStoreException(KEY_NOT_FOUND, "Key not found");
        }
    }

    static final class Signs extends SignatureSpi {
        private final FakeAndroidKeyStore inside;
        private Signature real;

        Signs(FakeAndroidKeyStore inside) {
            this.inside = inside;
        }

        @Override
        protected void engineInitSign(PrivateKey key) throws InvalidKeyException {
            Key secret = secret(inside, key);
            try {
                real = Signature.getInstance("SHA256withECDSA");
                real.initSign((PrivateKey) secret);
            } catch (GeneralSecurityException none) {
                throw new InvalidKeyException(none);
            }
        }

        @Override
        protected void engineInitVerify(PublicKey key) throws InvalidKeyException {
            throw new InvalidKeyException("signs only");
        }

        @Override
        protected void engineUpdate(byte one) throws SignatureException {
            real.update(one);
        }

        @Override
        protected void engineUpdate(byte[] bytes, int from, int length) throws SignatureException {
            real.update(bytes, from, length);
        }

        @Override
        protected byte[] engineSign() throws SignatureException {
            if (inside.mood == FakeAndroidKeyStore.Mood.BUSY) {
                throw new SignatureException("Keystore operation failed");
            }
            return real.sign();
        }

        @Override
        protected boolean engineVerify(byte[] signature) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void engineSetParameter(String name, Object value) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected Object engineGetParameter(String name) {
            throw new UnsupportedOperationException();
        }
    }

    static final class Ciphers extends CipherSpi {
        private final FakeAndroidKeyStore inside;
        private final String transformation;
        private Cipher real;

        Ciphers(FakeAndroidKeyStore inside, String transformation) {
            this.inside = inside;
            this.transformation = transformation;
        }

        @Override
        protected void engineInit(int mode, Key key, SecureRandom random) throws InvalidKeyException {
            engineInit(mode, key, (AlgorithmParameterSpec) null, random);
        }

        @Override
        protected void engineInit(int mode, Key key, AlgorithmParameterSpec spec, SecureRandom random)
                throws InvalidKeyException {
            Key secret = secret(inside, key);
            try {
                real = Cipher.getInstance(transformation);
                real.init(mode, secret, spec);
            } catch (GeneralSecurityException none) {
                throw new InvalidKeyException(none);
            }
        }

        @Override
        protected void engineInit(int mode, Key key, AlgorithmParameters parameters, SecureRandom random) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected byte[] engineUpdate(byte[] in, int from, int length) {
            return real.update(in, from, length);
        }

        @Override
        protected int engineUpdate(byte[] in, int from, int length, byte[] out, int at) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected byte[] engineDoFinal(byte[] in, int from, int length)
                throws IllegalBlockSizeException, BadPaddingException {
            return in == null ? real.doFinal() : real.doFinal(in, from, length);
        }

        @Override
        protected int engineDoFinal(byte[] in, int from, int length, byte[] out, int at) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected byte[] engineGetIV() {
            return real.getIV();
        }

        @Override
        protected AlgorithmParameters engineGetParameters() {
            return real.getParameters();
        }

        @Override
        protected int engineGetBlockSize() {
            return real.getBlockSize();
        }

        @Override
        protected int engineGetOutputSize(int length) {
            return real.getOutputSize(length);
        }

        @Override
        protected void engineSetMode(String mode) {
            // The transformation says it.
        }

        @Override
        protected void engineSetPadding(String padding) {
            // The transformation says it.
        }
    }
}
